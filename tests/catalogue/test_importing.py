from datetime import UTC, datetime

import pytest

from o2o.catalogue import goods, importing
from o2o.catalogue.reading import Defaults, NotAProductList
from o2o.kit.ids import Sku

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
HEADER = "sku,barcode,name_zh,name_en,category,price\n"


def test_good_lines_are_saved_and_bad_ones_told_in_the_files_order(db):
    content = HEADER + "A,6901234567892,甲,A,food,1.50\nB,6901234567891,乙,B,food,2\nC,,丙,C,food,x\nD,,丁,D,food,3\n"
    report = importing.import_products(db, content.encode(), now=NOW)
    assert report.saved == 2
    assert [(refused.line, refused.reason) for refused in report.refused] == [(3, "check_digit"), (4, "price")]
    found = goods.get_many(db, skus=[Sku(sku) for sku in "ABCD"], fresh=True)
    assert {sku: good.price_fen for sku, good in found.items()} == {"A": 150, "D": 300}


def test_a_second_import_changes_prices_and_adds_nothing(db):
    importing.import_products(db, (HEADER + "A,,甲,A,food,1\n").encode(), now=NOW)
    report = importing.import_products(db, (HEADER + "A,,甲,A,food,2\n").encode(), now=NOW)
    assert (report.saved, report.refused) == (1, ())
    assert goods.get(db, sku=Sku("A")).price_fen == 200


def test_a_barcode_that_another_product_has_refuses_only_its_line(db):
    importing.import_products(db, (HEADER + "OLD,6901234567892,旧,Old,food,1\n").encode(), now=NOW)
    lines = [f"S{n},,商品{n},Thing,food,1\n" for n in range(20)]
    lines.insert(11, "NEW,6901234567892,新,New,food,1\n")
    report = importing.import_products(db, (HEADER + "".join(lines)).encode(), now=NOW)
    assert report.saved == 20
    [refused] = report.refused
    assert (refused.line, refused.column, refused.reason) == (13, "barcode", "taken")
    assert goods.by_barcode(db, barcode="6901234567892")[0].sku == "OLD"


def test_a_missing_or_foreign_file_changes_nothing(db, tmp_path):
    with pytest.raises(NotAProductList):
        importing.import_file(db, tmp_path / "none.csv", now=NOW)
    (tmp_path / "photo.csv").write_bytes(b"\xff\xd8\xff\x00\x10JFIF")
    with pytest.raises(NotAProductList):
        importing.import_file(db, tmp_path / "photo.csv", now=NOW)
    (tmp_path / "list.csv").write_text("ean13,name\n6901234567892,奶\n", encoding="gb18030")
    report = importing.import_file(db, tmp_path / "list.csv", now=NOW, defaults=Defaults(price_fen=990))
    assert report.saved == 1

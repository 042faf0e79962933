import pytest

from o2o.catalogue.barcodes import check_digit
from o2o.catalogue.reading import REASONS, Defaults, NotAProductList, Refusal, read

HEADER = "sku,barcode,item_number,name_zh,name_en,category,price,weighed,weight_g\n"
GOOD = "MILK,6901234567892,,牛奶,Milk,dairy,18.90,no,980\n"


def barcode(body):
    return body + check_digit(body)


def only_refusal(line, header=HEADER, **defaults):
    reading = read((header + line).encode(), Defaults(**defaults))
    assert reading.products == []
    assert len(reading.refused) == 1
    return reading.refused[0]


def test_a_good_line_becomes_a_product_with_its_line_number():
    reading = read((HEADER + "\n" + GOOD).encode())
    assert reading.refused == []
    [(line, product)] = reading.products
    assert line == 3
    assert (product.sku, product.price_fen, product.weighed, product.unit) == ("MILK", 1890, False, "piece")


CARRIAGE = "sku,name_zh,category,price,weight_g,volume_ml,温层,age_checked\n"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("A,冰淇淋,frozen,9,70,120,冷冻,", (120, "frozen", False)),
        ("A,鲜奶,dairy,9,70,,Chilled,no", (None, "chilled", False)),
        ("A,黄酒,alcohol,9,700,,,是", (None, "ambient", True)),
    ],
)
def test_what_goods_ask_of_their_rider_is_read_where_it_is_told(cells, said):
    [(_, product)] = read((CARRIAGE + cells).encode()).products
    assert (product.volume_ml, product.temperature, product.age_checked) == said


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("A,奶,dairy,9,70,-5,,", "volume_ml"),
        ("A,奶,dairy,9,70,2000001,,", "volume_ml"),
        ("A,奶,dairy,9,70,,warm,", "temperature"),
        ("A,奶,dairy,9,70,,,perhaps", "age_checked"),
    ],
)
def test_what_cannot_be_asked_of_a_rider_is_refused(cells, column):
    refused = only_refusal(cells, CARRIAGE)
    assert (refused.column, refused.reason) == (column, column)


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ("A,6901234567891,,奶,Milk,dairy,1,no,1", "barcode", "check_digit"),
        ("A,690123456789,,奶,Milk,dairy,1,no,1", "barcode", "check_digit"),
        ("A,12345,,奶,Milk,dairy,1,no,1", "barcode", "barcode"),
        ("A,６９０１２３４５６７８９２,,奶,Milk,dairy,1,no,1", "barcode", "barcode"),
        (f"A,{barcode('201000100500')},,奶,Milk,dairy,1,no,1", "barcode", "store_code"),
        ("A,,,奶,Milk,dairy,-1,no,1", "price", "price"),
        ("A,,,奶,Milk,dairy,1.999,no,1", "price", "price"),
        ("A,,,奶,Milk,dairy,1e400,no,1", "price", "price"),
        ("A,,,奶,Milk,dairy,NaN,no,1", "price", "price"),
        ("A,,,奶,Milk,dairy,99999999999999,no,1", "price", "price"),
        ("A,,,奶,Milk,dairy,,no,1", "price", "missing"),
        ("A,,,,Milk,dairy,1,no,1", "name", "missing"),
        (",,,奶,Milk,dairy,1,no,1", "sku", "missing"),
        ("A B,,,奶,Milk,dairy,1,no,1", "sku", "sku"),
        ("A,,,奶,Milk,乳品,1,no,1", "category", "sku"),
        ("A,,,=HYPERLINK(1),Milk,dairy,1,no,1", "name_zh", "formula"),
        ("A,,,奶,@SUM(A1),dairy,1,no,1", "name_en", "formula"),
        ("A,,,+1,Milk,dairy,1,no,1", "name_zh", "formula"),
        ("A,,,奶\x00,Milk,dairy,1,no,1", "name_zh", "control"),
        ("A,,,奶\u202e,Milk,dairy,1,no,1", "name_zh", "control"),
        (f"A,,,{'奶' * 121},Milk,dairy,1,no,1", "name", "too_long"),
        ("A,,,奶,Milk,dairy,1,maybe,1", "weighed", "weighed"),
        ("A,,,奶,Milk,dairy,1,yes,0", "weight_g", "weight_g"),
        ("A,,,奶,Milk,dairy,1,no,1.5", "weight_g", "weight_g"),
        ("A,,10001,奶,Milk,dairy,1,no,1", "item_number", "item_number"),
        ("A,,1001,奶,Milk,dairy,1,yes,500", "item_number", "item_number"),
        ("A,,,奶,Milk,dairy,1,no", "*", "columns"),
        ("A,,,奶,Milk,dairy,1,no,1,extra", "*", "columns"),
    ],
)
def test_a_bad_line_is_refused_with_its_column_and_reason(cells, column, reason):
    refused = only_refusal(cells)
    assert (refused.line, refused.column, refused.reason) == (2, column, reason)


def test_every_reason_is_told_in_both_languages_and_harmlessly():
    for reason in REASONS:
        told = Refusal(7, "price", reason, "x").told()
        assert told.startswith("第 7 行 price「x」：")
        assert "line 7" in told
    assert "\x1b" not in only_refusal("A,,,奶,Milk,dairy,\x1b[31m1,no,1").told()


@pytest.mark.parametrize("repeat", ["MILK,,,别的,Other,dairy,1,no,1", "B,6901234567892,,别的,Other,dairy,1,no,1"])
def test_a_repeated_code_refuses_the_later_line_and_names_the_earlier(repeat):
    reading = read((HEADER + GOOD + repeat).encode())
    assert [line for line, _ in reading.products] == [2]
    [refused] = reading.refused
    assert (refused.line, refused.reason) == (3, "duplicate")
    assert "第 2 行" in refused.found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_ways_of_writing_are_read(encoding, delimiter):
    text = "商品条码,商品名称,分类,零售价\r\n6901234567892,鲜牛奶,dairy,￥18.90\r\n".replace(",", delimiter)
    [(_, product)] = read(text.encode(encoding)).products
    assert (product.sku, product.name_zh, product.price_fen) == ("GTIN-6901234567892", "鲜牛奶", 1890)


def test_one_line_in_a_foreign_encoding_is_refused_and_the_rest_read():
    lines = [f"S{n},,,商品{n},Thing,dairy,1,no,1\n" for n in range(40)]
    content = (HEADER + "".join(lines)).encode() + "BAD,,,牛奶,Milk,dairy,1,no,1\n".encode("gb18030")
    reading = read(content)
    assert len(reading.products) == 40
    [refused] = reading.refused
    assert (refused.line, refused.column, refused.reason) == (42, "name_zh", "encoding")
    refused.told().encode()


def test_fen_and_defaults_stand_in_for_yuan():
    reading = read("ean13,name,price_fen\n6901234567892,奶,1890\n".encode())
    assert reading.products[0][1].price_fen == 1890
    reading = read("ean13,name\n6901234567892,奶\n".encode(), Defaults(price_fen=500, category="misc"))
    assert (reading.products[0][1].price_fen, reading.products[0][1].category) == (500, "misc")


def test_a_quoted_cell_may_hold_a_line_break_and_lines_still_count():
    content = 'sku,name,name_en,price\nA,奶,"Milk, ""fresh""\nand cold",1\nB,,x,1\n'
    reading = read(content.encode())
    assert reading.products[0][1].name_en == 'Milk, "fresh"\nand cold'
    assert (reading.refused[0].line, reading.refused[0].column) == (4, "name")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"a,b,c\n1,2,3\n",
        b"sku,price\nA,1\n",
        "name,price\n奶,1\n".encode(),
        b"PK\x03\x04\x00\x00",
        b"\n\n",
    ],
)
def test_what_is_no_product_list_is_refused_whole(content):
    with pytest.raises(NotAProductList) as refused:
        read(content)
    assert refused.value.code == "catalogue.not_a_product_list"


def test_a_cell_like_a_bomb_is_refused():
    with pytest.raises(NotAProductList):
        read((HEADER + "A,,," + "x" * 200_000 + ",Milk,dairy,1,no,1").encode())

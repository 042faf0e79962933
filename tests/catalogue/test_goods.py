import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from o2o.catalogue import barcodes, goods, ledger_check, memory, prices
from o2o.catalogue.models import PriceChangeRow
from o2o.kit.ids import Sku
from tests.catalogue import make
from tests.catalogue.make import price_label, weight_label
from tests.conftest import Clock, Database, Sessions

MILK = Sku("DAIRY-001")


def test_a_saved_product_is_a_good_with_all_its_facts(db: Session, clock: Clock) -> None:
    goods.save(db, products=[make.a_product(substitutes=("DAIRY-002",), barcode="6901234567892")], now=clock.now)
    found = goods.get_many(db, skus=[MILK, Sku("NONE")])
    assert list(found) == [MILK]
    milk = found[MILK]
    assert (milk.price_fen, milk.unit, milk.weighed, milk.substitutes) == (1890, "piece", False, (Sku("DAIRY-002"),))
    assert milk.unit_fen == 1890


def test_a_portion_of_a_weighed_good_costs_its_share_of_the_kilogram(db: Session, clock: Clock) -> None:
    goods.save(db, products=[make.a_weighed_product()], now=clock.now)
    apple = goods.get(db, sku=Sku("FRUIT-001"))
    assert (apple.unit, apple.unit_fen, apple.cost_fen(1), apple.cost_fen(1234)) == ("kg", 645, 1, 1592)


def test_price_changes_are_kept_and_unchanged_prices_are_not(db: Session, clock: Clock) -> None:
    for price_fen in (1890, 1890, 1990):
        goods.save(db, products=[make.a_product(price_fen=price_fen)], now=clock.now)
    prices = [row.price_fen for row in db.query(PriceChangeRow).order_by(PriceChangeRow.id)]
    assert prices == [1890, 1990]


def test_a_price_that_is_not_in_its_history_is_found(db: Session, clock: Clock) -> None:
    make.on_sale(db, MILK, "B", now=clock.now)
    make.on_sale(db, MILK, now=clock.now, price_fen=5)
    assert ledger_check.differences(db) == []
    db.execute(text("update products set price_fen = 6 where sku = 'B'"))
    assert ledger_check.differences(db) == [
        "catalogue: a price is not what its history says: B (product 6, history 1890)"
    ]


def test_a_label_gives_the_good_and_its_weight(db: Session, clock: Clock) -> None:
    goods.save(db, products=[make.a_weighed_product(), make.a_product(barcode="6901234567892")], now=clock.now)
    apple, weight_g = goods.by_barcode(db, barcode=weight_label("12345", 734))
    assert (apple.sku, weight_g) == ("FRUIT-001", 734)
    assert goods.by_barcode(db, barcode=price_label("12345", 645))[1] == 500
    assert goods.by_barcode(db, barcode="6901234567892")[1] is None
    with pytest.raises(goods.NoSuchGood):
        goods.by_barcode(db, barcode=weight_label("99999", 500))


@pytest.mark.parametrize("field", ["barcode", "item_number"])
def test_a_code_belongs_to_one_product(db: Session, clock: Clock, field: str) -> None:
    code = {"barcode": "6901234567892", "item_number": "12345"}[field]
    goods.save(db, products=[make.a_product("A", **{field: code})], now=clock.now)
    with pytest.raises(goods.BarcodeTaken) as refusal:
        goods.save(db, products=[make.a_product("B", **{field: code})], now=clock.now)
    assert refusal.value.facts["field"] == field
    twin = {"barcode": "99999995", "item_number": "11111"}[field]
    with pytest.raises(goods.BarcodeTaken):
        goods.save(
            db, products=[make.a_product("C", **{field: twin}), make.a_product("D", **{field: twin})], now=clock.now
        )
    assert list(goods.get_many(db, skus=[Sku(s) for s in "ABCD"])) == ["A"]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("sku", {"sku": "has space"}),
        ("sku", {"sku": "A\0"}),
        ("name_zh", {"name_zh": "  "}),
        ("name_en", {"name_en": "x" * 121}),
        ("price_fen", {"price_fen": -1}),
        ("price_fen", {"price_fen": 2**63}),
        ("price_fen", {"price_fen": 1.5}),
        ("price_fen", {"price_fen": True}),
        ("weight_g", {"weight_g": 0, "weighed": True}),
        ("item_number", {"item_number": "１２３４５"}),
        ("barcode", {"barcode": "6901234567893"}),
        ("substitutes", {"substitutes": ("a b",)}),
    ],
)
def test_a_bad_part_is_named_and_nothing_is_saved(
    db: Session, clock: Clock, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises((goods.BadProduct, barcodes.BadBarcode)) as refusal:
        goods.save(db, products=[make.a_product("GOOD"), make.a_product(**changes)], now=clock.now)  # type: ignore[arg-type]
    assert refusal.value.facts["field"] == field
    assert goods.get_many(db, skus=[Sku("GOOD")]) == {}


def test_a_hot_good_costs_no_query_and_a_new_price_is_seen_at_once_by_its_own_process(
    database: Database, clock: Clock
) -> None:
    with database.sessions() as db:
        make.on_sale(db, MILK, now=clock.now)
    asked: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with database.sessions() as db:
            goods.get_many(db, skus=[MILK])
        asked.clear()
        for _ in range(5):
            with database.sessions() as db:
                assert goods.get_many(db, skus=[MILK])[MILK].price_fen == 1890
        assert asked == []
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    with database.sessions() as db:
        make.on_sale(db, MILK, now=clock.now, price_fen=1)
        assert goods.get_many(db, skus=[MILK])[MILK].price_fen == 1
        with database.sessions() as other:
            assert goods.get_many(other, skus=[MILK])[MILK].price_fen == 1890
    with database.sessions() as db:
        assert goods.get_many(db, skus=[MILK])[MILK].price_fen == 1


def test_a_price_changed_by_another_process_is_seen_within_the_trusted_time_and_fresh_reads_see_it_at_once(
    sessions: Sessions, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sessions() as db:
        make.on_sale(db, MILK, now=clock.now)
    with sessions() as db:
        goods.get_many(db, skus=[MILK])
    monkeypatch.setattr("o2o.infra.versions.committed_here", lambda name: memory_count)
    memory_count = 10**6
    with sessions() as db:
        goods.get_many(db, skus=[MILK])
    with sessions() as db:
        make.on_sale(db, MILK, now=clock.now, price_fen=5)
    with sessions() as db:
        assert goods.get_many(db, skus=[MILK])[MILK].price_fen == 1890
        assert goods.get_many(db, skus=[MILK], fresh=True)[MILK].price_fen == 5
        monkeypatch.setattr(memory, "TRUSTED_S", 0.0)
        assert goods.get_many(db, skus=[MILK])[MILK].price_fen == 5


def test_a_change_rolled_back_is_never_remembered(sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        make.on_sale(db, MILK, now=clock.now)
    with pytest.raises(goods.BadProduct), sessions() as db:  # noqa: PT012
        make.on_sale(db, MILK, now=clock.now, price_fen=7)
        assert goods.get_many(db, skus=[MILK])[MILK].price_fen == 7
        make.on_sale(db, MILK, now=clock.now, price_fen=-1)
    with sessions() as db:
        assert goods.get_many(db, skus=[MILK])[MILK].price_fen == 1890


def test_a_new_price_holds_at_once_and_the_same_price_is_no_change(db: Session, clock: Clock) -> None:
    goods.save(db, products=[make.a_product()], now=clock.now)
    for price_fen in (1890, 1690, 1690):
        prices.change(db, sku=MILK, price_fen=price_fen, now=clock.now)
    assert goods.get(db, sku=MILK).price_fen == 1690
    assert [one.price_fen for one in prices.history(db, sku=MILK)] == [1690, 1890]
    with pytest.raises(goods.BadProduct):
        prices.change(db, sku=MILK, price_fen=-1, now=clock.now)
    for act in (
        lambda: prices.change(db, sku=Sku("NONE"), price_fen=1, now=clock.now),
        lambda: prices.history(db, sku=Sku("NONE")),
    ):
        with pytest.raises(goods.NoSuchGood):
            act()

import pytest
from fastapi.testclient import TestClient

from o2o.catalogue import goods
from o2o.kit.principal import Role
from tests.catalogue import make
from tests.catalogue.make import weight_label
from tests.conftest import Clock, Sessions
from tests.identity import make as people


def skus(client: TestClient, query: str) -> list[str]:
    """The SKUs a search finds."""
    return [good["sku"] for good in client.get(f"/api/goods?{query}").json()["items"]]


def test_names_are_searched_in_both_languages_whatever_their_case_and_width(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        goods.save(
            db,
            products=[
                make.a_product("A", name_zh="鲜牛奶", name_en="Fresh Milk"),
                make.a_product("B", name_zh="可口可乐ＺＥＲＯ", name_en="Cola 100%"),
                make.a_product("C", name_zh="酸奶", name_en="Café yoghurt"),
                make.a_product("D", name_zh="牛奶 (停售)", name_en="Gone milk", active=False),
            ],
            now=clock.now,
        )
    assert skus(client, "q=牛奶") == ["A"]
    assert skus(client, "q=MILK fresh") == ["A"]
    assert skus(client, "q=zero") == ["B"]
    assert skus(client, "q=ｃｏｌａ") == ["B"]
    assert skus(client, "q=100%25") == ["B"]
    assert skus(client, "q=%25") == ["B"]
    assert skus(client, "q=_") == []
    assert skus(client, "q=cafe") == ["C"]
    assert skus(client, "q=奶") == ["A", "C"]
    assert skus(client, "q=';drop table products--") == []
    assert skus(client, "category=none") == []


def test_pages_follow_each_other_without_gap_or_repeat_while_goods_are_added(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        make.on_sale(db, *(f"S{n:02d}" for n in range(0, 14, 2)), now=clock.now)
    first = client.get("/api/goods?limit=3").json()
    with sessions() as db:
        make.on_sale(db, "S01", "S07", now=clock.now)
    second = client.get(f"/api/goods?limit=4&page={first['next_page']}").json()
    third = client.get(f"/api/goods?limit=4&page={second['next_page']}").json()
    found = [good["sku"] for page in (first, second, third) for good in page["items"]]
    assert found == ["S00", "S02", "S04", "S06", "S07", "S08", "S10", "S12"]
    assert third["next_page"] is None


def test_categories_count_their_active_goods(client: TestClient, sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        goods.save_categories(
            db,
            categories=[
                goods.CategoryIn(code="fruit", name_zh="水果", name_en="Fruit", rank=2),
                goods.CategoryIn(code="dairy", name_zh="乳品", name_en="Dairy", rank=1),
                goods.CategoryIn(code="empty", name_zh="空", name_en="Empty"),
            ],
        )
        goods.save(db, products=[make.a_product("A"), make.a_product("B"), make.a_weighed_product()], now=clock.now)
    found = client.get("/api/categories").json()
    assert [(c["code"], c["name_zh"], c["goods"]) for c in found] == [("dairy", "乳品", 2), ("fruit", "水果", 1)]


def test_a_clerk_scans_a_label_and_nobody_else_does(client: TestClient, sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        goods.save(db, products=[make.a_weighed_product()], now=clock.now)
        clerk, customer = (people.headers(db, role, now=clock.now) for role in (Role.CLERK, Role.CUSTOMER))
    path = f"/api/barcodes/{weight_label('12345', 734)}"
    body = client.get(path, headers=clerk).json()
    assert (body["good"]["sku"], body["weight_g"]) == ("FRUIT-001", 734)
    assert client.get(path, headers=customer).status_code == 403
    assert client.get(path).status_code == 401
    bad = client.get("/api/barcodes/6901234567893", headers=clerk)
    assert (bad.status_code, bad.json()["field"], bad.json()["expected"]) == (422, "barcode", "2")
    assert client.get("/api/barcodes/6901234567892", headers=clerk).status_code == 404


def test_head_office_changes_a_price_and_everybody_sees_it(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        hq = people.headers(db, Role.HQ, now=clock.now)
    body = {"name_zh": "牛奶", "name_en": "Milk", "category": "dairy", "price_fen": 1000, "substitutes": ["B"]}
    for price_fen in (1000, 1200):
        answer = client.put("/api/goods/A", json=body | {"price_fen": price_fen}, headers=hq)
        assert answer.status_code == 200, answer.text
        assert client.get("/api/goods/A").json()["price_fen"] == price_fen
    assert client.get("/api/goods/NONE").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price_fen": -1}, "price_fen"),
        ({"price_fen": 10.0}, "price_fen"),
        ({"price_fen": "10"}, "price_fen"),
        ({"price_fen": 2**63}, "price_fen"),
        ({"price_fen": True}, "price_fen"),
        ({"name_zh": ""}, "name_zh"),
        ({"name_en": "a\u0000b"}, "name_en"),
        ({"category": "a b"}, "category"),
        ({"weighed": True}, "weight_g"),
        ({"barcode": "6901234567893"}, "barcode"),
        ({"barcode": "x"}, "barcode"),
        ({"item_number": "123"}, "item_number"),
        ({"substitutes": ["a b"]}, "substitutes.0"),
        ({"sku": "B"}, "sku"),
        ({"name_zh": None}, "name_zh"),
    ],
)
def test_a_bad_product_is_refused_by_the_name_of_its_field(
    client: TestClient, sessions: Sessions, clock: Clock, changes: dict[str, object], field: str
) -> None:
    with sessions() as db:
        hq = people.headers(db, Role.HQ, now=clock.now)
    body = {"name_zh": "牛奶", "name_en": "Milk", "category": "dairy", "price_fen": 1000} | changes
    answer = client.put("/api/goods/A", json=body, headers=hq)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert client.get("/api/goods/A").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "page=x",
        "page=%FF",
        "page=AAAA",
        "page=" + "A" * 401,
        "limit=0",
        "limit=1e3",
        "limit=201",
        "q=%00",
        "q=" + "a" * 81,
        "category=%00",
    ],
)
def test_a_bad_query_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/goods?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, query.partition("=")[0]), answer.text

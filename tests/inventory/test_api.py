"""Stock over HTTP: clerks of their own store, head office of any, each write once."""

from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from o2o.identity import accounts
from o2o.inventory.reserving import availability, reservations
from o2o.inventory.shelf import selling
from o2o.kit import ids
from o2o.kit.principal import Role
from o2o.stores import places
from tests.catalogue.make import on_sale
from tests.conftest import Database
from tests.hands import Clock, Worker
from tests.inventory.make import NOW, an_order, later, lines, put, shelf
from tests.stores.make import a_store

BAD = [
    {"sku": "milk", "quantity": 0},
    {"sku": "milk", "quantity": -1},
    {"sku": "milk", "quantity": 1.5},
    {"sku": "milk", "quantity": "１"},
    {"sku": "milk", "quantity": True},
    {"sku": "milk", "quantity": 2**63},
    {"sku": "mi lk", "quantity": 1},
    {"sku": "milk\x00", "quantity": 1},
    {"sku": "milk", "quantity": 1, "on_hand": 9},
    {"sku": "milk", "quantity": 1, "expires_on": "2026-02-30"},
]


class Shop:
    """Two stores' clerks and head office, signed in; each write with a key of its own unless told."""

    def __init__(self, client: TestClient, database: Database) -> None:
        self.client, self.database = client, database
        with database.sessions() as db:
            self.here, self.there = (a_store(db, code, now=NOW) for code in ("HERE", "THERE"))
            on_sale(db, "milk", "crab", now=NOW)
        self.tokens = {}
        for name, role, store in (
            ("ann", Role.CLERK, self.here),
            ("bo", Role.CLERK, self.here),
            ("far", Role.CLERK, self.there),
            ("chief", Role.HQ, None),
        ):
            with database.sessions() as db:
                accounts.create_staff(
                    db, username=name, password="a long enough password", role=role, name=name, store_id=store, now=NOW
                )
            answer = client.post("/api/auth/staff", json={"username": name, "password": "a long enough password"})
            self.tokens[name] = answer.json()["access_token"]

    def get(self, who: str, path: str, **query: object):
        return self.client.get("/api" + path, params=query, headers={"Authorization": f"Bearer {self.tokens[who]}"})

    def post(self, who: str, path: str, body: object, key: str | None = None):
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Idempotency-Key": key or str(ids.new_id())}
        return self.client.post("/api" + path, json=body, headers=headers)

    def stocked(self, **units: int) -> None:
        body = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]}
        assert self.post("ann", "/receipts", body).status_code == 201


@pytest.fixture
def shop(client: TestClient, database: Database, clock: Clock) -> Shop:
    assert clock.now == NOW
    return Shop(client, database)


def test_a_receipt_is_booked_once_however_often_it_is_sent(shop: Shop) -> None:
    body = {"lines": [{"sku": "milk", "quantity": 5, "lot_code": "L1", "expires_on": "2026-03-20"}]}
    first, again = (shop.post("ann", "/receipts", body, key="receipt-0001") for _ in range(2))
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    [item] = shop.get("ann", "/stock").json()["items"]
    assert (item["on_hand"], item["app"]) == (5, 5)


def test_a_clerk_has_no_hand_in_another_store(shop: Shop) -> None:
    shop.stocked(milk=5)
    here = str(shop.here)
    assert shop.get("far", "/stock").json()["items"] == []
    assert shop.get("far", "/stock", store_id=here).status_code == 403
    assert shop.get("far", "/stock/milk/why").status_code == 404
    assert (
        shop.post(
            "far", "/write-offs", {"store_id": here, "sku": "milk", "quantity": 1, "reason": "broken"}
        ).status_code
        == 403
    )
    assert shop.get("chief", "/stock").json()["code"] == "identity.which_store"
    assert len(shop.get("chief", "/stock", store_id=here).json()["items"]) == 1


@pytest.mark.parametrize("line", BAD)
def test_what_cannot_be_meant_is_refused_by_name_and_changes_nothing(shop: Shop, line: object) -> None:
    answer = shop.post("ann", "/receipts", {"lines": [line]})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"].startswith("lines")
    assert shop.get("ann", "/stock").json()["items"] == []


def test_no_stock_lies_where_there_is_no_store_nor_of_what_we_do_not_sell(shop: Shop, database: Database) -> None:
    shop.stocked(milk=5)
    here, nowhere, day = str(shop.here), str(ids.new_id()), "2026-03-06"
    notice = {"supplier": "Farm", "store_id": here, "due_at": "2026-03-03T01:00:00Z"}
    announced = shop.post("chief", "/supply-notices", notice | {"lines": [{"sku": "milk", "quantity": 1}]}).json()["id"]
    count = shop.post("ann", "/counts", {"skus": ["milk"]}).json()["id"]
    assert shop.post("ann", f"/counts/{count}/take", {}).status_code == 200
    with database.sessions() as db:
        before = db.execute(ROWS).all()
    milk, unknown = [{"sku": "milk", "quantity": 1}], [{"sku": "milk", "quantity": 1}, {"sku": "gold", "quantity": 1}]
    for who, path, body, field in (
        ("chief", "/receipts", {"store_id": nowhere, "lines": milk}, "store_id"),
        ("ann", "/receipts", {"lines": unknown}, "lines.1.sku"),
        ("chief", "/counts", {"store_id": nowhere, "skus": ["milk"]}, "store_id"),
        ("chief", "/counts", {"store_id": nowhere}, "store_id"),
        ("ann", "/counts", {"skus": ["gold"]}, "skus.0"),
        ("ann", f"/counts/{count}/lines", {"sku": "gold", "quantity": 1}, "sku"),
        ("chief", "/transfers", {"store_id": nowhere, "to_store_id": here, "lines": milk}, "store_id"),
        ("ann", "/transfers", {"to_store_id": str(shop.there), "lines": unknown}, "lines.1.sku"),
        ("chief", "/supply-notices", notice | {"lines": unknown}, "lines.1.sku"),
        ("ann", f"/supply-notices/{announced}/receive", {"arrived": [{"sku": "gold", "received": 1}]}, "arrived.0.sku"),
        ("chief", "/channel-rules", {"store_id": nowhere, "safety": 1}, "store_id"),
        ("chief", "/channel-rules/preview", {"sku": "gold", "safety": 1}, "sku"),
        ("chief", "/channel-rules", {"category": "treasure", "safety": 1}, "category"),
        ("chief", "/limited-offers", {"store_id": nowhere, "sku": "milk", "quantity": 1}, "store_id"),
        ("chief", "/limited-offers", {"store_id": here, "sku": "gold", "quantity": 1}, "sku"),
        ("chief", "/promotions", {"sku": "gold", "first_day": day, "last_day": day}, "sku"),
        ("chief", "/promotions", {"sku": "milk", "store_id": nowhere, "first_day": day, "last_day": day}, "store_id"),
        ("chief", "/promotions", {"sku": "milk", "first_day": day, "last_day": "2999-01-01"}, "last_day"),
        ("chief", "/supply-terms", {"terms": [{"sku": "gold", "supplier": "Farm"}]}, "terms.0.sku"),
        ("chief", "/replenishment/orders", {"store_id": nowhere, "skus": ["milk"]}, "store_id"),
    ):  # fmt: skip
        answer = shop.post(who, path, body)
        assert (answer.status_code in (404, 422), answer.json().get("field")) == (True, field), (path, answer.text)
    for path in ("/stock", "/stock/milk/why", "/expiring-lots", "/discrepancies", "/counts", "/transfers"):
        assert shop.get("chief", path, store_id=nowhere).json().get("field") == "store_id"
    with database.sessions() as db:
        assert db.execute(ROWS).all() == before


ROWS = text(
    "SELECT 'items', count(*) FROM stock_items UNION ALL SELECT 'entries', count(*) FROM stock_entries"
    " UNION ALL SELECT 'counts', count(*) FROM stock_counts UNION ALL SELECT 'lines', count(*) FROM stock_count_lines"
    " UNION ALL SELECT 'transfers', count(*) FROM stock_transfers UNION ALL SELECT 'notices', count(*) FROM supply_notices"
    " UNION ALL SELECT 'rules', count(*) FROM channel_rules UNION ALL SELECT 'offers', count(*) FROM flash_buckets"
    " UNION ALL SELECT 'promotions', count(*) FROM stock_promotions UNION ALL SELECT 'terms', count(*) FROM supply_terms"
)


def test_why_adds_up_to_what_each_channel_may_promise(shop: Shop, database: Database) -> None:
    shop.stocked(milk=9)
    rule = {"sku": "milk", "safety": 2, "note": "two for the shop"}
    assert shop.post("chief", "/channel-rules/preview", rule).json()["first"][0]["after"] == 7
    assert shop.get("ann", "/stock").json()["items"][0]["app"] == 9
    saved = shop.post("chief", "/channel-rules", rule).json()
    assert shop.post("ann", "/stock-apart", {"sku": "milk", "damaged": 1}).status_code == 200
    order = an_order()
    with database.sessions() as db:
        reservations.hold(
            db, reservation_id=ids.new_id(), order_id=order, store_id=shop.here, lines=lines(milk=3),
            expires_at=later(900), now=NOW,
        )  # fmt: skip
    why = shop.get("ann", "/stock/milk/why").json()
    assert sum(step["units"] for step in why["app"]) == why["item"]["app"] == 3
    assert sum(step["units"] for step in why["till"]) == why["item"]["till"] == 5
    assert [(s["because"], s["units"], s["rule_id"]) for s in why["app"] if s["rule_id"]] == [
        ("safety", -2, saved["id"])
    ]
    assert [(p["order_id"], p["quantity"]) for p in why["promises"]] == [(str(order), 3)]


@pytest.mark.parametrize(("kept", "over", "till"), [(6, 0, 0), (2, 6, 2)])
def test_why_adds_up_where_more_is_promised_than_is_there(
    shop: Shop, database: Database, kept: int, over: int, till: int
) -> None:
    """Of nine some are kept and some were kept until a moment ago; the till sells five."""
    shop.stocked(milk=9)
    with database.sessions() as db:
        for wanted, ends in ((kept, later(900)), (over, later(-1))):
            reservations.hold(
                db, reservation_id=ids.new_id(), order_id=an_order(), store_id=shop.here,
                lines=lines(milk=wanted) if wanted else [], expires_at=ends, now=later(-900),
            )  # fmt: skip
        sale = {"store_id": shop.here, "sale_id": ids.new_id(), "lines": lines(milk=5)}
        selling.sell(db, at=later(-600), now=later(-600), **sale)
    why = shop.get("ann", "/stock/milk/why").json()
    assert sum(step["units"] for step in why["app"]) == why["item"]["app"] == 0
    assert sum(step["units"] for step in why["till"]) == why["item"]["till"] == till


def test_a_count_over_http_is_blind_leased_and_reviewed_by_another(shop: Shop) -> None:
    shop.stocked(milk=9)
    count = shop.post("bo", "/counts", {"skus": ["milk"]}).json()["id"]
    assert shop.post("ann", f"/counts/{count}/take", {}).status_code == 200
    assert shop.post("bo", f"/counts/{count}/take", {}).json()["code"] == "inventory.count_taken"
    assert shop.post("ann", f"/counts/{count}/lines", {"sku": "milk", "quantity": 7}).status_code == 200
    assert "expected" not in shop.get("ann", f"/counts/{count}").text
    assert shop.post("ann", f"/counts/{count}/submit", {}).status_code == 200
    assert shop.get("ann", f"/counts/{count}/review").status_code == 403
    assert shop.get("bo", f"/counts/{count}/review").json()[0]["difference"] == -2
    assert shop.post("bo", f"/counts/{count}/post", {}).json() == {"changed": {"milk": -2}}
    assert shop.get("far", f"/counts/{count}").status_code == 404


def test_a_transfer_is_sent_by_one_store_and_received_by_the_other(shop: Shop, database: Database) -> None:
    shop.stocked(milk=9)
    body = {"to_store_id": str(shop.there), "lines": [{"sku": "milk", "quantity": 4}]}
    transfer = shop.post("ann", "/transfers", body).json()["id"]
    assert shop.post("far", f"/transfers/{transfer}/send", {}).status_code == 404
    assert shop.post("ann", f"/transfers/{transfer}/send", {}).status_code == 200
    came = {"arrivals": [{"sku": "milk", "received": 3, "lost": 1, "loss_reason": "broken"}]}
    assert shop.post("far", f"/transfers/{transfer}/receive", came).status_code == 200
    assert [(t["state"], t["lines"][0]["lost"]) for t in shop.get("ann", "/transfers").json()] == [("received", 1)]
    with database.sessions() as db:
        assert (shelf(db, shop.here, "milk"), shelf(db, shop.there, "milk")) == ((5, 0), (3, 0))


def test_an_announced_delivery_answers_its_differences(shop: Shop) -> None:
    told = {"supplier": "Green Farm", "store_id": str(shop.here), "due_at": "2026-03-02T03:00:00Z"}
    notice = shop.post("chief", "/supply-notices", told | {"lines": [{"sku": "milk", "quantity": 10}]}).json()["id"]
    arrived = {"arrived": [{"sku": "milk", "received": 9, "reason": "one crate short"}]}
    answer = shop.post("ann", f"/supply-notices/{notice}/receive", arrived)
    assert [d["received"] for d in answer.json()["differences"]] == [9]
    assert [n["state"] for n in shop.get("ann", "/supply-notices").json()] == ["received"]
    assert shop.get("chief", "/supplier-scores").json()[0]["in_full_permille"] == 900
    assert shop.get("ann", "/supplier-scores").status_code == 403


def test_replenishment_is_proposed_with_its_reasons_and_ordered(shop: Shop, database: Database, worker: Worker) -> None:
    with database.sessions() as db:
        area = places.save_area(db, name="centre")
        store = places.StoreIn(code="S1", name_zh="一店", name_en="One", lon=116.4, lat=39.9, area_id=area)
        place = places.save_store(db, store=store, zones=[], hours=[], now=NOW)
        selling.sell(
            db, store_id=place, sale_id=ids.new_id(), lines=lines(milk=9), at=later(-86_400), now=later(-86_400)
        )
        put(db, place, {"milk": 10})
    terms = {"terms": [{"sku": "milk", "supplier": "Green Farm", "multiple": 6}]}
    assert shop.post("chief", "/supply-terms", terms).json() == {"saved": 1}
    worker.do("inventory.propose_orders")
    [proposed] = shop.get("chief", "/replenishment", store_id=str(place)).json()
    assert (proposed["position"], proposed["quantity"] % 6, proposed["because"]) == (1, 0, "enough")
    order = {"store_id": str(place), "skus": ["milk"]}
    assert shop.post("chief", "/replenishment/orders", order).json()["code"] == "inventory.nothing_to_order"
    bad = {"sku": "milk", "first_day": "2026-03-06", "last_day": "2026-03-01"}
    assert shop.post("chief", "/promotions", bad).json()["field"] == "last_day"


def test_lots_past_their_day_leave_the_app_by_the_timetable(
    shop: Shop, database: Database, worker: Worker, clock: Clock
) -> None:
    with database.sessions() as db:
        area = places.save_area(db, name="centre")
        store = places.StoreIn(code="S1", name_zh="一店", name_en="One", lon=116.4, lat=39.9, area_id=area)
        place = places.save_store(db, store=store, zones=[], hours=[], now=NOW)
        put(db, place, {"milk": 10}, lots={"milk": date(2026, 3, 2)})
    for at, free in ((later(0), 10), (later(86_400), 0)):
        clock.set(at)
        worker.do("inventory.look_over")
        with database.sessions() as db:
            assert availability.sellable(db, store_ids=[place], skus=["milk"], now=at)[place, "milk"] == free


def test_a_limited_offer_opens_and_ends_over_http(shop: Shop) -> None:
    shop.stocked(crab=9)
    offer = {"store_id": str(shop.here), "sku": "crab", "quantity": 4}
    assert shop.post("chief", "/limited-offers", offer).status_code == 201
    assert shop.get("ann", "/stock").json()["items"][0]["app"] == 4
    assert shop.post("chief", "/limited-offers", offer).status_code == 409
    assert shop.post("chief", "/limited-offers/end", {"store_id": str(shop.here), "sku": "crab"}).json() == {"left": 4}


def test_nobody_comes_in_without_a_token_or_a_key(shop: Shop) -> None:
    assert shop.client.get("/api/stock").status_code == 401
    body = {"lines": [{"sku": "milk", "quantity": 1}]}
    keyless = shop.client.post("/api/receipts", json=body, headers={"Authorization": f"Bearer {shop.tokens['ann']}"})
    assert keyless.status_code == 422

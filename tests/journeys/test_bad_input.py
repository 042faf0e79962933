"""Whatever a caller sends to stock and checkout: a problem that names the field, within a second, and not one row has changed."""

import json
import time
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from o2o import tables
from o2o.kit.ids import StoreId
from o2o.kit.principal import Role
from tests.identity.make import a_member_of_staff
from tests.journeys.town import ADDRESS, BREAD, HOME, MILK, Json, Town

BASKET: Json = {"lines": [{"sku": MILK, "quantity": 1}], "method": "delivery", "point": HOME}
SALE: Json = {
    "sale_id": str(uuid.UUID(int=7)),
    "items": [{"sku": MILK, "quantity": 1}],
    "tender": "cash",
    "at": "2026-03-02T02:00:00Z",
}
RECEIPT: Json = {"lines": [{"sku": MILK, "quantity": 1}]}
WRITE_OFF: Json = {"sku": MILK, "quantity": 1, "reason": "broken"}

NUMBERS: list[tuple[str, str]] = [
    ("negative", "-1"),
    ("nothing", "0"),
    ("a fraction", "1.5"),
    ("a whole fraction", "1.0"),
    ("beyond 64 bits", str(2**63)),
    ("beyond a float", "1e400"),
    ("true", "true"),
    ("null", "null"),
    ("text", '"1"'),
    ("full-width digits", '"２"'),
    ("not a number", "NaN"),
    ("a list", "[1]"),
]
TEXTS: list[tuple[str, str]] = [
    ("NUL", '"a\\u0000b"'),
    ("a lone surrogate", '"a\\ud800b"'),
    ("an override of direction", '"a\\u202eb"'),
    ("a megabyte", json.dumps("x" * 1_000_000)),
    ("a number", "1"),
    ("nothing", '""'),
]
WORDS: list[tuple[str, str]] = [
    ("SQL", '"x\' OR 1=1 --"'),
    ("markup", '"<script>"'),
    ("a template", '"{{7*7}}"'),
    ("a header", '"a\\r\\nX: 1"'),
    ("full-width letters", '"ＤＡＩＲＹ"'),
    ("too long", json.dumps("x" * 65)),
]


def _raw(body: Json, path: str, value: str) -> str:
    """The body as JSON text, with `value`, which need not be JSON, at a dotted path."""
    copy = json.loads(json.dumps(body))
    *way, last = path.split(".")
    at = copy
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = "@@"
    return json.dumps(copy).replace('"@@"', value)


def _cases() -> list[tuple[str, str, str, str, str]]:
    """(name, who, path, body as text, field)."""
    found: list[tuple[str, str, str, str, str]] = []

    def add(who: str, path: str, body: Json, at: str, values: list[tuple[str, str]]) -> None:
        found.extend((f"{path} {at}: {name}", who, path, _raw(body, at, value), at) for name, value in values)

    add("customer", "/quotes", BASKET, "lines.0.quantity", NUMBERS)
    add("customer", "/quotes", BASKET, "lines.0.sku", WORDS + TEXTS)
    add("customer", "/quotes", BASKET, "points", [n for n in NUMBERS if n[0] != "nothing"])
    add(
        "customer",
        "/quotes",
        BASKET,
        "point.lon",
        [("far out", "181"), ("beyond a float", "1e400"), ("text", '"1"')],
    )
    add("customer", "/quotes", BASKET, "method", [("teleport", '"teleport"'), ("null", "null")])
    add("customer", "/quotes", BASKET, "coupon_id", [("not an id", '"1"'), ("a number", "1")])
    add(
        "customer",
        "/quotes",
        BASKET,
        "lines",
        [("none", "[]"), ("a dict", "{}"), ("too many", json.dumps([BASKET["lines"][0]] * 61))],
    )
    add("customer", "/quotes", BASKET, "total_fen", [("an own price", "1")])
    add("customer", "/quotes", BASKET, "lines.0.price_fen", [("an own price", "1")])
    order: Json = {"quote": "x" * 30, "address": ADDRESS}
    add("customer", "/orders", order, "quote", [*TEXTS, ("another's signature", '"' + "a" * 40 + '.b"')])
    add("customer", "/orders", order, "address.text", [t for t in TEXTS if t[0] != "a number"])
    add(
        "customer",
        "/orders",
        order,
        "address.phone",
        [("full-width digits", '"１３８１２３４５６７８"'), ("a word", '"call me"')],
    )
    add("customer", "/orders", order, "note", TEXTS[:5])
    add("customer", "/orders", order, "preference", [("a wish", '"wish"')])
    add("customer", "/orders", order, "member_id", [("another", f'"{uuid.UUID(int=1)}"')])
    add("customer", "/orders", order, "state", [("paid", '"paid"')])
    add("clerk", "/till/sales", SALE, "items.0.quantity", NUMBERS)
    add("clerk", "/till/sales", SALE, "items.0.sku", WORDS)
    add(
        "clerk",
        "/till/sales",
        SALE,
        "at",
        [("no zone", '"2026-03-02T02:00:00"'), ("not a time", '"now"'), ("a number", "1")],
    )
    add("clerk", "/till/sales", SALE, "sale_id", [("not an id", '"7"'), ("a number", "7")])
    add("clerk", "/till/sales", SALE, "tender", [("shells", '"shells"')])
    add("clerk", "/receipts", RECEIPT, "lines.0.quantity", NUMBERS)
    add("clerk", "/receipts", RECEIPT, "lines.0.sku", WORDS)
    add("clerk", "/write-offs", WRITE_OFF, "quantity", NUMBERS)
    add("clerk", "/write-offs", WRITE_OFF, "reason", [("a whim", '"whim"')])
    return found


ORDINALS = [n for n in NUMBERS if n[0] not in ("nothing", "null")]
"""Wrong where none at all is a number like others."""
IDS: list[tuple[str, str]] = [
    ("not an id", '"7"'),
    ("a number", "7"),
    ("a list", "[]"),
    ("unknown", f'"{uuid.UUID(int=9)}"'),
]
TIMES: list[tuple[str, str]] = [
    ("no zone", '"2026-03-02T02:00:00"'),
    ("not a time", '"now"'),
    ("a number", "1"),
    ("the 30th of February", '"2026-02-30T02:00:00Z"'),
    ("a fifth season", '"2026-13-02T02:00:00Z"'),
    ("before the year 1", '"0001-01-01T00:00:00+14:00"'),
    ("after all years", '"9999-12-31T23:59:59-14:00"'),
]
NAMES = [t for t in TEXTS if t[0] != "nothing"]


def _moves(town: Town) -> list[tuple[str, str, str, str, str]]:
    """The same for what moves stock: transfers, counts, announced deliveries and what the app may promise."""
    clerk, here, there = town.clerks[town.near], str(town.near), str(town.far)
    hq = _headquarters(town)
    lines: Json = {"lines": [{"sku": MILK, "quantity": 2}]}
    transfer: Json = {"to_store_id": there, **lines}
    sent = town.did(town.post(town.clerks[town.far], "/transfers", {"to_store_id": here, **lines}), 201)["id"]
    town.did(town.post(town.clerks[town.far], f"/transfers/{sent}/send"))
    count = town.did(town.post(clerk, "/counts", {"skus": [MILK]}), 201)["id"]
    town.did(town.post(clerk, f"/counts/{count}/take"))
    notice: Json = {"supplier": "Farm", "store_id": here, "due_at": "2026-03-03T01:00:00Z", **lines}
    announced = town.did(town.post(hq, "/supply-notices", notice), 201)["id"]
    arrival: Json = {"arrivals": [{"sku": MILK, "received": 1, "lost": 1, "loss_reason": "broken"}]}
    arrived: Json = {"arrived": [{"sku": MILK, "received": 2, "damaged": 1, "refused": 0, "reason": "torn"}]}
    rule: Json = {"sku": MILK, "safety": 2, "threshold": 1, "note": "for the shop"}
    offer: Json = {"store_id": here, "sku": MILK, "quantity": 2}
    asked: list[tuple[str, str, Json, str, list[tuple[str, str]]]] = [
        ("clerk", "/transfers", transfer, "lines.0.quantity", NUMBERS),
        ("clerk", "/transfers", transfer, "lines.0.sku", WORDS),
        ("clerk", "/transfers", transfer, "to_store_id", [*IDS, ("to itself", f'"{here}"')]),
        ("clerk", "/transfers", transfer, "lines", [("none", "[]"), ("too many", json.dumps(lines["lines"] * 501))]),
        ("clerk", f"/transfers/{sent}/receive", arrival, "arrivals.0.received", ORDINALS),
        ("clerk", f"/transfers/{sent}/receive", arrival, "arrivals.0.lost", ORDINALS),
        ("clerk", f"/transfers/{sent}/receive", arrival, "arrivals.0.sku", WORDS),
        ("clerk", f"/transfers/{sent}/receive", arrival, "arrivals.0.loss_reason", NAMES),
        ("clerk", "/counts", {"skus": [MILK], "because": "weekly"}, "skus.0", WORDS),
        ("clerk", "/counts", {"skus": [MILK], "because": "weekly"}, "because", NAMES),
        ("clerk", f"/counts/{count}/lines", {"sku": MILK, "quantity": 3}, "quantity", ORDINALS),
        ("clerk", f"/counts/{count}/lines", {"sku": MILK, "quantity": 3}, "sku", WORDS),
        ("clerk", f"/counts/{count}/lines", {"sku": MILK, "quantity": 3}, "at", TIMES),
        ("clerk", f"/counts/{count}/again", {"skus": [MILK]}, "skus", [("none", "[]"), ("a word", '"all"')]),
        ("hq", "/supply-notices", notice, "lines.0.quantity", NUMBERS),
        ("hq", "/supply-notices", notice, "lines.0.sku", WORDS),
        ("hq", "/supply-notices", notice, "supplier", TEXTS),
        ("hq", "/supply-notices", notice, "store_id", IDS),
        ("hq", "/supply-notices", notice, "due_at", TIMES),
        ("clerk", f"/supply-notices/{announced}/receive", arrived, "arrived.0.received", ORDINALS),
        ("clerk", f"/supply-notices/{announced}/receive", arrived, "arrived.0.damaged", ORDINALS),
        ("clerk", f"/supply-notices/{announced}/receive", arrived, "arrived.0.refused", ORDINALS),
        ("clerk", f"/supply-notices/{announced}/receive", arrived, "arrived.0.expires_on", TIMES),
        ("hq", "/channel-rules", rule, "safety", ORDINALS),
        ("hq", "/channel-rules", rule, "threshold", ORDINALS),
        ("hq", "/channel-rules", rule, "sku", WORDS),
        ("hq", "/channel-rules", rule, "offered", [("a word", '"yes please"'), ("a list", "[true]")]),
        ("hq", "/channel-rules", rule, "store_id", IDS[:3]),
        ("hq", "/channel-rules", rule, "note", TEXTS[:5]),
        ("hq", "/channel-rules/preview", rule, "safety", ORDINALS),
        ("hq", "/limited-offers", offer, "quantity", NUMBERS),
        ("hq", "/limited-offers", offer, "sku", WORDS),
    ]
    return [
        (f"{path} {at}: {name}", who, path, _raw(body, at, value), at)
        for who, path, body, at, values in asked
        for name, value in values
    ]


def _headquarters(town: Town) -> dict[str, str]:
    if HQ not in town.clerks:
        with town.database.sessions() as db:
            town.clerks[HQ] = {"account": str(a_member_of_staff(db, Role.HQ, now=town.clock()))}
    return town.clerks[HQ]


HQ = StoreId(uuid.UUID(int=0))
"""Head office, among those who answer for a store."""


def _house(town: Town) -> dict[str, Any]:
    """How many rows each table has, and everything on the shelves."""
    kept = [
        t.name
        for t in tables.metadata.sorted_tables
        if t.name not in ("refresh_tokens", "families", "sign_in_families")
    ]
    counts = " union all ".join(f"select '{name}', count(*) from \"{name}\"" for name in kept)
    with town.database.sessions() as db:
        rows: dict[str, Any] = {name: count for name, count in db.execute(text(counts))}  # noqa: C416 - rows, not pairs
        shelves = db.execute(text("select store_id, sku, on_hand, reserved, damaged from stock_items order by 1, 2"))
        return rows | {"shelves": [tuple(row) for row in shelves]}


def _post(town: Town, who: str, path: str, body: str | bytes, **headers: str) -> Any:
    caller = {"customer": town.customer, "clerk": town.clerks[town.near], "hq": town.clerks.get(HQ, {})}[who]
    sent = {**town.headers(caller), "Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json", **headers}
    return town.client.post(f"/api{path}", content=body, headers=sent)


def _is_problem(answer: Any) -> Json:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: Json = answer.json()
    assert {"type", "title", "status", "code"} <= set(body)
    return body


def test_bad_values_are_named_and_change_nothing(town: Town) -> None:
    for who in ("customer", "clerk"):
        town.headers(town.customer if who == "customer" else town.clerks[town.near])
    _none_is_taken(town, _cases())


def test_bad_values_of_what_moves_stock_are_named_and_change_nothing(town: Town) -> None:
    cases = _moves(town)
    assert len(cases) > 200
    _none_is_taken(town, cases)


def _none_is_taken(town: Town, cases: list[tuple[str, str, str, str, str]]) -> None:
    before = _house(town)
    wrong = []
    for name, who, path, body, field in cases:
        began = time.process_time()  # work, not waiting: this machine has other things to do
        answer = _post(town, who, path, body.encode("utf-8", "surrogatepass"))
        took_s = time.process_time() - began
        if answer.status_code < 400:
            wrong.append((name, answer.status_code, answer.text[:100]))
            continue
        problem = _is_problem(answer)
        named = str(problem.get("field", ""))
        # JSON that cannot be read has no fields yet; too large a body was not read at all.
        near = named == "body" or (named and field.startswith(named))
        if answer.status_code != 413 and not near:
            wrong.append((name, answer.status_code, named))
        assert took_s < 1, name
    assert wrong == []
    assert _house(town) == before


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("truncated", b'{"lines": [{"sku": '),
        ("empty", b""),
        ("a list", b"[]"),
        ("not UTF-8", b'{"lines": "\xff\xfe"}'),
        ("ten thousand deep", b"[" * 10_000 + b"]" * 10_000),
        ("a deep value", b'{"lines": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
        ("larger than anybody sends", b'{"note": "' + b"x" * 400_000 + b'"}'),
        ("packed", b"\x1f\x8b\x08\x00" + b"\x00" * 100),
    ],
)
@pytest.mark.parametrize("path", ["/quotes", "/orders", "/till/sales", "/receipts"])
def test_bodies_that_are_no_such_request_change_nothing(town: Town, path: str, what: str, body: bytes) -> None:
    who = "customer" if path in ("/quotes", "/orders") else "clerk"
    town.headers(town.customer if who == "customer" else town.clerks[town.near])
    before = _house(town)
    _is_problem(_post(town, who, path, body))
    assert _house(town) == before


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with space 1", "ключ-ключ", "12345678\t"])
def test_a_key_that_is_none_is_named(town: Town, key: str) -> None:
    quoted = town.quote((MILK, 1), (BREAD, 1))
    before = _house(town)
    caller = {**town.headers(town.customer), "Content-Type": "application/json"}
    headers = [(name.encode(), value.encode()) for name, value in caller.items()] + [(b"Idempotency-Key", key.encode())]
    body = json.dumps({"quote": quoted["quote"], "address": ADDRESS})
    answer = town.client.post("/api/orders", content=body, headers=headers)
    assert _is_problem(answer)["field"] == "Idempotency-Key"
    assert _house(town) == before


def test_strangers_and_other_roles_learn_nothing_about_what_they_sent(town: Town) -> None:
    town.headers(town.clerks[town.near])
    before = _house(town)
    for path in ("/quotes", "/orders"):
        stranger = town.client.post(f"/api{path}", content=b"{", headers={"Content-Type": "application/json"})
        assert (stranger.status_code, _is_problem(stranger)["code"]) == (401, "identity.unauthenticated")
        clerk = _post(town, "clerk", path, "{}")
        assert (clerk.status_code, _is_problem(clerk)["code"]) == (403, "identity.not_allowed")
    assert _house(town) == before


def test_another_customers_order_is_none(town: Town) -> None:
    placed = town.place((MILK, 2))
    before = _house(town)
    stranger = uuid.uuid4()
    for path in (
        f"/orders/{stranger}/cancel",
        f"/payments/{stranger}/cashier",
        "/orders/1/cancel",
        "/payments/1/cashier",
    ):
        problem = _is_problem(_post(town, "customer", path, '{"reason": "mine"}'))
        assert problem["status"] in (404, 422)
    assert _house(town) == before
    assert town.order(placed)["state"] == "placed"

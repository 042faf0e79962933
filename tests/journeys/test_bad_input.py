"""Whatever a caller sends to stock and checkout: a problem that names the field, within a second, and not one row has changed."""

import json
import time
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from o2o import tables
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
    caller = town.customer if who == "customer" else town.clerks[town.near]
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
    before = _house(town)
    wrong = []
    for name, who, path, body, field in _cases():
        began = time.monotonic()
        answer = _post(town, who, path, body.encode("utf-8", "surrogatepass"))
        took_s = time.monotonic() - began
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

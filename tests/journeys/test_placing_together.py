"""Orders and notices that meet in one statement: each is answered as if it had come alone, and nothing is sold twice."""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.infra import combining
from o2o.infra.combining import Together
from o2o.infra.settings import settings
from o2o.orders.checkout import placing
from o2o.payments import sandbox, webhooks
from tests.journeys.town import ADDRESS, BREAD, MILK, Json, Town

Answer = tuple[int, Json]


class Company:
    """Has several calls go as one; any other goes at once."""

    def __init__(self, patch: pytest.MonkeyPatch, module: Any, several: Callable[..., Any]) -> None:
        self.sizes: list[int] = []
        self._several, self._expected = several, 1
        patch.setattr(module, "_TOGETHER", Together(self._do))
        patch.setattr(combining, "in_hand", lambda _: self._expected)
        patch.setattr(combining, "COMPANY_S", 20)

    def _do(self, db: Session, asked: Sequence[Any]) -> Any:
        self.sizes.append(len(asked))
        return self._several(db, asked)

    def meet(self, works: Sequence[Callable[[], Answer]]) -> list[Answer]:
        """Have all of these done together."""
        self._expected, self.sizes = len(works), []
        with ThreadPoolExecutor(len(works)) as hands:
            found: list[Future[Answer]] = [hands.submit(work) for work in works]
            answers = [one.result(30) for one in found]
        self._expected = 1
        return answers


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch, town: Town) -> Company:
    """Placings meet."""
    return Company(monkeypatch, placing, placing._place_several)


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch, town: Town) -> Company:
    """Notices meet."""
    return Company(monkeypatch, webhooks, webhooks._book_several)


def _placing(town: Town, *lines: tuple[str, int], key: str | None = None) -> Callable[[], Answer]:
    body = {"quote": town.quote(*lines, method="pickup", store_id=str(town.near))["quote"], "address": ADDRESS}
    chosen = key or uuid.uuid4().hex

    def work() -> Answer:
        answer = town.post(town.customer, "/orders", body, key=chosen)
        return answer.status_code, answer.json()

    return work


def _count(town: Town, table: str) -> int:
    with town.database.sessions() as db:
        return int(db.execute(text(f"select count(*) from {table}")).scalar_one())


def test_orders_placed_together_stand_each_for_itself(town: Town, orders: Company) -> None:
    works = [
        _placing(town, (MILK, 1)),
        *[_placing(town, (MILK, 1), (BREAD, 1)) for _ in range(3)],
        _placing(town, (BREAD, 2)),
    ]
    answers = orders.meet(works)
    assert orders.sizes == [5]
    assert [status for status, _ in answers] == [201] * 5
    assert len({answer["order_id"] for _, answer in answers}) == 5
    assert town.stock(town.near, MILK) == (10, 4)
    assert town.stock(town.near, BREAD) == (10, 5)
    written = {name: _count(town, name) for name in ("orders", "order_lines", "shipments", "reservations", "payments")}
    assert written == {"orders": 5, "order_lines": 8, "shipments": 5, "reservations": 5, "payments": 5}
    assert [work() for work in works] == answers, "the same keys again: what was answered before"
    assert _count(town, "orders") == 5
    for _, answer in answers:
        town.pay(answer["order_id"])
        town.worker.drain()
        assert town.order(answer)["state"] == "paid"


def test_more_than_there_is_goes_to_exactly_as_many_as_there_are(town: Town, orders: Company) -> None:
    answers = orders.meet([_placing(town, (MILK, 3)) for _ in range(6)])
    assert orders.sizes == [6]
    assert Counter(status for status, _ in answers) == {201: 3, 409: 3}
    assert {tuple(answer["changed"]) for status, answer in answers if status == 409} == {("stock",)}
    assert town.stock(town.near, MILK) == (10, 9)


def test_what_is_sold_out_is_refused_together_and_nothing_is_written(town: Town, orders: Company) -> None:
    works = [_placing(town, (MILK, 4)) for _ in range(5)]
    assert _placing(town, (MILK, 10))()[0] == 201
    answers = orders.meet(works)
    assert orders.sizes == [5]
    assert [(status, answer["changed"], answer["short"][0]["left"]) for status, answer in answers] == [
        (409, ["stock"], 0)
    ] * 5
    assert [_count(town, name) for name in ("orders", "idempotency_keys")] == [1, 1]


def test_one_key_twice_in_one_company_is_one_order(town: Town, orders: Company) -> None:
    twice = _placing(town, (MILK, 1), key="the-same-key-twice")
    answers = orders.meet([_placing(town, (MILK, 1)), twice, _placing(town, (BREAD, 1)), twice])
    assert orders.sizes == [4]
    assert [status for status, _ in answers] == [201] * 4
    assert answers[1] == answers[3]
    assert _count(town, "orders") == 3
    assert town.stock(town.near, MILK) == (10, 2)


def _dearer(town: Town, sku: str, by_fen: int) -> None:
    with town.database.sessions() as db:
        db.execute(text("update products set price_fen = price_fen + :by where sku = :sku"), {"sku": sku, "by": by_fen})


def test_another_price_refuses_its_own_order_alone(town: Town, orders: Company) -> None:
    works = [
        _placing(town, (MILK, 1)),
        _placing(town, (MILK, 2)),
        _placing(town, (BREAD, 1)),
        _placing(town, (MILK, 3)),
    ]
    _dearer(town, BREAD, 1)
    answers = orders.meet(works)
    _dearer(town, BREAD, -1)
    assert [status for status, _ in answers] == [201, 201, 409, 201]
    assert answers[2][1]["changed"] == ["price"]
    assert town.stock(town.near, MILK) == (10, 6)
    assert town.stock(town.near, BREAD) == (10, 0)


def test_a_text_that_cannot_be_kept_is_its_senders_alone(town: Town, orders: Company) -> None:
    works = [_placing(town, (MILK, 1)), _placing(town, (MILK, 1)), _placing(town, (BREAD, 1))]
    real, seen = orders._several, []

    def fails_once(db: Session, asked: Sequence[Any]) -> Any:
        seen.append(len(asked))
        spoilt = (
            [one.replace('"actor":', '"actor":"\\u0000","was":') for one in asked[:1]] if len(asked) > 1 else asked[:1]
        )
        return real(db, [*spoilt, *asked[1:]])

    orders._several = fails_once
    answers = orders.meet(works)
    assert [status for status, _ in answers] == [201] * 3, "all of the company went again, each by itself"
    assert seen == [3]
    assert _count(town, "orders") == 3


def _noticing(town: Town, placed: Json, notice: str, *, amount_fen: int | None = None) -> Callable[[], Answer]:
    told = {
        "id": notice, "kind": "authorised", "merchant": sandbox.MERCHANT, "ref": placed["pay_ref"],
        "amount_fen": placed["total_fen"] if amount_fen is None else amount_fen, "currency": "CNY",
    }  # fmt: skip
    body = json.dumps(told).encode()

    def work() -> Answer:
        at = int(town.clock().timestamp())
        mark = sandbox.sign(settings().payment_secret.get_secret_value(), timestamp=at, body=body)
        headers = {"X-Timestamp": str(at), "X-Signature": mark}
        answer = town.client.post("/api/payments/webhooks/sandbox", content=body, headers=headers)
        return answer.status_code, answer.json()

    return work


def test_notices_that_meet_are_booked_once_each(town: Town, notices: Company) -> None:
    placed = [town.place((MILK, 2)) for _ in range(4)]
    works = [
        _noticing(town, placed[0], "notice-0"), _noticing(town, placed[1], "notice-1"), _noticing(town, placed[2], "notice-2"),
        _noticing(town, placed[2], "notice-2"), _noticing(town, placed[3], "notice-3", amount_fen=1),
    ]  # fmt: skip
    answers = notices.meet(works)
    assert notices.sizes == [5]
    assert [status for status, _ in answers] == [200, 200, 200, 200, 422]
    assert sorted(answer["outcome"] for _, answer in answers[:4]) == ["applied"] * 3 + ["known"]
    assert answers[4][1]["field"] == "amount_fen"
    assert _count(town, "payment_webhook_inbox") == 3
    town.worker.drain()
    assert [town.order(one)["state"] for one in placed] == ["paid"] * 3 + ["placed"]
    assert [town.money(one)["state"] for one in placed] == ["authorised"] * 3 + ["pending"]


def test_money_that_comes_after_an_order_was_given_up_is_let_go_whoever_it_comes_with(
    town: Town, notices: Company
) -> None:
    placed = [town.place((MILK, 2)) for _ in range(3)]
    town.cancel(placed[1])
    answers = notices.meet([_noticing(town, one, f"notice-{nth}") for nth, one in enumerate(placed)])
    assert notices.sizes == [3]
    assert [(status, answer["outcome"]) for status, answer in answers] == [(200, "applied")] * 3
    town.worker.drain()
    with town.database.sessions() as db:
        asked = db.execute(text("select kind, cause from payment_operations")).all()
    assert [tuple(one) for one in asked] == [("void", "late")]


def test_the_clock_of_each_is_its_own(town: Town, orders: Company) -> None:
    orders.meet([_placing(town, (MILK, 1)) for _ in range(3)])
    with town.database.sessions() as db:
        at: list[datetime] = list(db.execute(text("select placed_at from orders")).scalars())
    assert at == [town.clock()] * 3

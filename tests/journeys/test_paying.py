"""Whoever is at the cashier has time to pay, and nobody keeps goods from others for ever."""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from o2o.orders import ledger_check
from o2o.payments import cashier
from tests.journeys.test_order_from_two_stores import _placed
from tests.journeys.town import BREAD, MILK, Json, Town

HERE = {"method": "pickup"}


def _come(town: Town, placed: Json) -> int:
    """The customer comes to the cashier; what they are told."""
    return int(town.post(town.customer, f"/payments/{placed['order_id']}/cashier").status_code)


def _pay_by(town: Town, placed: Json) -> datetime:
    return datetime.fromisoformat(town.order(placed)["pay_by"])


def _is_sold_out(town: Town) -> bool:
    basket = {"lines": [{"sku": MILK, "quantity": 1}], "store_id": str(town.near), **HERE}
    answer = town.post(town.customer, "/quotes", basket)
    return answer.status_code == 409 and answer.json()["code"] == "orders.unserved"


def test_who_comes_to_the_cashier_at_the_last_moment_has_time_to_pay(town: Town) -> None:
    placed = town.place((MILK, 10), store_id=str(town.near), **HERE)
    town.clock.advance(899.9)
    assert _come(town, placed) == 200
    town.clock.advance(299)
    town.worker.do("inventory.expire_holds")
    assert _is_sold_out(town)
    town.pay(placed["order_id"])
    assert (town.order(placed)["state"], town.stock(town.near, MILK)) == ("paid", (10, 10))


def test_who_comes_early_is_kept_waiting_for_as_long_as_was_said(town: Town) -> None:
    placed = town.place()
    told = _pay_by(town, placed)
    town.clock.advance(60)
    assert _come(town, placed) == 200
    assert _pay_by(town, placed) == told


def test_who_comes_a_moment_too_late_finds_nothing_and_revives_nothing(town: Town) -> None:
    placed = town.place((MILK, 10), store_id=str(town.near), **HERE)
    town.clock.advance(900)
    assert _come(town, placed) == 409
    assert not _is_sold_out(town)
    town.worker.do("inventory.expire_holds")
    assert town.order(placed)["state"] == "expired"


def test_who_comes_again_and_again_holds_for_half_an_hour_and_no_longer(town: Town) -> None:
    placed = town.place((MILK, 10), store_id=str(town.near), **HERE)
    last = town.clock() + timedelta(minutes=30)
    came = []
    while town.clock() < last + timedelta(minutes=4):
        town.clock.advance(240)
        came.append(_come(town, placed))
    assert came == [200] * 7 + [409] * 2
    assert _pay_by(town, placed) == last
    town.worker.do("inventory.expire_holds")
    assert (town.order(placed)["state"], town.stock(town.near, MILK)) == ("expired", (10, 0))


def test_the_window_and_both_parts_are_held_as_long_as_the_goods(town: Town) -> None:
    town.online()
    slot = next(one for one in town.get(town.customer, f"/slots?store_id={town.near}") if one["free"])
    booked, parts = town.place((MILK, 2), (BREAD, 1), slot_id=slot["slot_id"]), _placed(town)
    town.clock.advance(800)
    for placed in (booked, parts):
        assert _come(town, placed) == 200
    with town.database.sessions() as db:
        query = text(
            "SELECT expires_at FROM reservations UNION ALL SELECT expires_at FROM slot_bookings UNION ALL SELECT expires_at FROM payments"
        )
        assert set(db.scalars(query)) == {town.clock() + timedelta(seconds=300)}
        assert ledger_check.differences(db) == []


def test_what_is_paid_is_not_asked_for_again(town: Town) -> None:
    placed = town.bought()
    assert _come(town, placed) == 409


def test_an_order_is_not_locked_while_its_provider_thinks(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = town.place()
    free: list[object] = []

    def slow(_: Engine, *, ref: str, **__: object) -> str:
        with town.database.sessions() as other:
            free.append(other.scalar(text("SELECT id FROM orders FOR UPDATE NOWAIT")))
        return f"/customer/cashier/{ref}"

    monkeypatch.setattr(cashier, "prepare", slow)
    assert _come(town, placed) == 200
    assert free == [uuid.UUID(placed["order_id"])]

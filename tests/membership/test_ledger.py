"""The books under random days, and under many hands at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.kit.errors import Conflict
from o2o.kit.ids import MemberId, OrderId
from o2o.membership import ledger_check, members, points
from tests.conftest import Clock, Sessions
from tests.membership import make


def a_random_step(db: Session, dice: Random, member: MemberId, orders: list[OrderId], clock: Clock) -> None:
    """One thing that may happen to a member's points, lawful or not, sometimes told twice."""
    order = dice.choice(orders)
    base, refund = 100 * dice.randint(1, 80), ids.new_id()
    match dice.randrange(7):
        case 0:
            wait = timedelta(days=dice.choice([0, 7]))
            points.accrue(
                db, member_id=member, order_id=order, base_fen=base, active_from=clock.now + wait, now=clock.now
            )
        case 1:
            points.hold(db, member_id=member, order_id=order, points=dice.randint(0, 60), now=clock.now)
        case 2:
            points.redeem(db, order_id=order, now=clock.now)
        case 3:
            points.release(db, order_id=order, now=clock.now)
        case 4:
            for _ in range(2):
                points.reverse(
                    db,
                    order_id=order,
                    refund_id=refund,
                    refunded_fen=dice.randint(0, 5_000),
                    base_fen=5_000,
                    now=clock.now,
                )
        case 5:
            clock.advance(dice.choice([60, 86_400, 40 * 86_400]))
        case _:
            points.expire(db, now=clock.now)


@pytest.mark.parametrize("seed", range(5))
def test_the_books_balance_after_every_step_of_a_random_year(db: Session, clock: Clock, seed: int) -> None:
    dice = Random(seed)
    member = make.a_member(db, now=clock.now)
    orders = [make.an_order() for _ in range(12)]
    refused = 0
    for step in range(120):
        try:
            a_random_step(db, dice, member, orders, clock)
        except Conflict:
            refused += 1
        assert ledger_check.differences(db) == [], step
        one = members.get(db, member_id=member)
        assert points.spendable(db, member_id=member, now=clock.now) <= max(0, one.points_balance + one.pending)
    assert 0 < refused < 80


def test_many_checkouts_at_once_never_spend_a_point_twice(sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        member = make.a_member(db, now=clock.now, points_to_spend=100)

    def checkout(_: int) -> bool:
        order = make.an_order()
        try:
            with sessions() as db:
                points.hold(db, member_id=member, order_id=order, points=30, now=clock.now)
            with sessions() as db:
                points.redeem(db, order_id=order, now=clock.now)
        except points.NotEnoughPoints:
            return False
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(checkout, range(12))) == 3
    with sessions() as db:
        assert members.get(db, member_id=member).points_balance == 10
        assert ledger_check.differences(db) == []


def test_one_order_told_by_many_at_once_earns_once(sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        member = make.a_member(db, now=clock.now)
    order = make.an_order()

    def tell(_: int) -> None:
        with sessions() as db:
            make.earned(db, member, 40, now=clock.now, order_id=order)

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(tell, range(8)))
    with sessions() as db:
        assert members.get(db, member_id=member).points_balance == 40


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("update members set active = active + 1", "a member is not the sum of the ledger"),
        ("update points_lots set active = active - 1, spent = spent + 1", "a lot is not the sum of its ledger"),
        ("update points_entries set active = active + 5", "a lot is not the sum of its ledger"),
        ("update members set debt = 3", "a member owes points and has some to spend"),
        ("update coupons set state = 'expired'", "a coupon is not where its last move put it"),
    ],
)
def test_the_check_finds_what_somebody_changed_by_hand(db: Session, clock: Clock, damage: str, complaint: str) -> None:
    member = make.a_member(db, now=clock.now, points_to_spend=10)
    make.a_coupon(db, member, now=clock.now)
    assert ledger_check.differences(db) == []
    db.execute(text(damage))
    assert any(complaint in line for line in ledger_check.differences(db))

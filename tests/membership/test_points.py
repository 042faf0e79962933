from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.membership import ledger_check, members, points
from o2o.membership.models import PointsEntryRow, PointsLotRow
from o2o.membership.points import Reversal
from tests.conftest import Clock
from tests.membership import make


@pytest.fixture
def db(db: Session) -> Iterator[Session]:
    """After every test of this file the books must balance."""
    yield db
    assert ledger_check.differences(db) == []


def kinds(db: Session) -> list[str]:
    """The kinds of all lines of the ledger, in order."""
    return list(db.scalars(select(PointsEntryRow.kind).order_by(PointsEntryRow.id)))


def test_points_wait_for_the_return_window_and_are_spendable_the_moment_it_ends(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    make.earned(db, member, 88, now=clock.now, wait_days=7)
    assert members.get(db, member_id=member).pending == 88
    assert points.spendable(db, member_id=member, now=clock.now) == 0
    clock.advance(7 * 86_400)
    assert points.spendable(db, member_id=member, now=clock.now) == 88
    assert kinds(db) == ["earn"]
    points.hold(db, member_id=member, order_id=make.an_order(), points=88, now=clock.now)
    assert kinds(db) == ["earn", "activate", "hold"]


def test_an_order_earns_once_however_often_it_is_told(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    order = make.earned(db, member, 50, now=clock.now)
    assert (
        points.accrue(db, member_id=member, order_id=order, base_fen=9_999_999, active_from=clock.now, now=clock.now)
        == 50
    )
    assert members.get(db, member_id=member).points_balance == 50


def test_points_that_expire_soonest_are_spent_first(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    late = make.earned(db, member, 100, now=clock.now, wait_days=30)
    clock.advance(86_400)
    soon = make.earned(db, member, 100, now=clock.now)
    clock.advance(30 * 86_400)
    points.hold(db, member_id=member, order_id=make.an_order(), points=120, now=clock.now)
    held = dict(db.execute(select(PointsLotRow.order_id, PointsLotRow.held)).all())  # type: ignore[arg-type]
    assert held == {soon: 100, late: 20}


def test_a_hold_is_paid_or_given_up_once(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now, points_to_spend=300)
    paid, dropped = make.an_order(), make.an_order()
    for order in (paid, dropped):
        for _ in range(2):
            assert points.hold(db, member_id=member, order_id=order, points=100, now=clock.now) == 100
    one = members.get(db, member_id=member)
    assert (one.points_balance, one.held) == (100, 200)
    assert [points.redeem(db, order_id=paid, now=clock.now) for _ in range(2)] == [100, 100]
    assert [points.release(db, order_id=dropped, now=clock.now) for _ in range(2)] == [100, 0]
    one = members.get(db, member_id=member)
    assert (one.points_balance, one.held) == (200, 0)
    with pytest.raises(points.HoldEnded):
        points.redeem(db, order_id=dropped, now=clock.now)
    with pytest.raises(points.AlreadyHeld):
        points.hold(db, member_id=member, order_id=paid, points=100, now=clock.now)


def test_an_order_given_up_may_hold_again_when_its_payment_comes_late(db: Session, clock: Clock) -> None:
    member, order = make.a_member(db, now=clock.now, points_to_spend=100), make.an_order()
    for amount in (60, 100, 80):
        points.hold(db, member_id=member, order_id=order, points=amount, now=clock.now)
        assert points.release(db, order_id=order, now=clock.now) == amount
    points.hold(db, member_id=member, order_id=order, points=70, now=clock.now)
    assert points.redeem(db, order_id=order, now=clock.now) == 70
    one = members.get(db, member_id=member)
    assert (one.points_balance, one.held) == (30, 0)
    assert points.release(db, order_id=order, now=clock.now) == 70
    assert members.get(db, member_id=member).points_balance == 100


def test_an_order_without_points_holds_pays_and_releases_nothing(db: Session, clock: Clock) -> None:
    member, order = make.a_member(db, now=clock.now), make.an_order()
    assert points.hold(db, member_id=member, order_id=order, points=0, now=clock.now) == 0
    assert points.redeem(db, order_id=order, now=clock.now) == 0
    assert points.release(db, order_id=order, now=clock.now) == 0
    assert points.reverse(
        db, order_id=order, refund_id=ids.new_id(), refunded_fen=1, base_fen=1, now=clock.now
    ) == Reversal(0, 0, 0)
    assert kinds(db) == []


def test_more_than_there_is_cannot_be_held(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now, points_to_spend=99)
    with pytest.raises(points.NotEnoughPoints) as refusal:
        points.hold(db, member_id=member, order_id=make.an_order(), points=100, now=clock.now)
    assert (refusal.value.facts["wanted"], refusal.value.facts["left"]) == (100, 99)


def test_expired_points_are_not_spendable_even_before_the_sweep(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now, points_to_spend=100)
    clock.advance(365 * 86_400)
    assert points.spendable(db, member_id=member, now=clock.now) == 0
    with pytest.raises(points.NotEnoughPoints):
        points.hold(db, member_id=member, order_id=make.an_order(), points=1, now=clock.now)
    assert points.expire(db, now=clock.now) in (0, 1)
    assert points.expire(db, now=clock.now) == 0
    assert members.get(db, member_id=member).points_balance == 0
    assert kinds(db) == ["earn", "expire"]


def test_a_refund_in_pieces_takes_back_pro_rata_and_in_the_end_all(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    order = make.earned(db, member, 100, now=clock.now)
    third = 10_000 // 3
    taken = [
        points.reverse(
            db, order_id=order, refund_id=ids.new_id(), refunded_fen=part, base_fen=10_000, now=clock.now
        ).taken_back
        for part in (third, third, 10_000 - 2 * third)
    ]
    assert taken == [33, 33, 34]
    assert members.get(db, member_id=member).points_balance == 0


def test_the_same_refund_reverses_once(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    order, refund = make.earned(db, member, 100, now=clock.now), ids.new_id()
    for _ in range(2):
        assert points.reverse(
            db, order_id=order, refund_id=refund, refunded_fen=5_000, base_fen=10_000, now=clock.now
        ) == Reversal(50, 0, 0)
    assert members.get(db, member_id=member).points_balance == 50


def test_spent_points_taken_back_are_a_debt_that_later_earnings_pay(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    order, other = make.earned(db, member, 100, now=clock.now), make.an_order()
    points.hold(db, member_id=member, order_id=other, points=90, now=clock.now)
    points.redeem(db, order_id=other, now=clock.now)
    done = points.reverse(
        db, order_id=order, refund_id=ids.new_id(), refunded_fen=10_000, base_fen=10_000, now=clock.now
    )
    assert done == Reversal(100, 90, 0)
    one = members.get(db, member_id=member)
    assert (one.points_balance, one.debt) == (-90, 90)
    make.earned(db, member, 60, now=clock.now, wait_days=7)
    assert members.get(db, member_id=member).debt == 90
    clock.advance(7 * 86_400)
    points.expire(db, now=clock.now)
    make.earned(db, member, 50, now=clock.now)
    one = members.get(db, member_id=member)
    assert (one.points_balance, one.debt) == (20, 0)


def test_a_clawback_takes_from_the_newest_lots_before_it_makes_a_debt(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    order = make.earned(db, member, 100, now=clock.now)
    spent = make.an_order()
    points.hold(db, member_id=member, order_id=spent, points=100, now=clock.now)
    points.redeem(db, order_id=spent, now=clock.now)
    old = make.earned(db, member, 80, now=clock.advance(60))
    new = make.earned(db, member, 30, now=clock.advance(60))
    done = points.reverse(
        db, order_id=order, refund_id=ids.new_id(), refunded_fen=10_000, base_fen=10_000, now=clock.now
    )
    assert done == Reversal(100, 0, 0)
    left = dict(db.execute(select(PointsLotRow.order_id, PointsLotRow.active)).all())  # type: ignore[arg-type]
    assert (left[old], left[new]) == (10, 0)


def test_a_refund_gives_spent_points_back_to_their_lots_pro_rata(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now, points_to_spend=100)
    order = make.an_order()
    points.hold(db, member_id=member, order_id=order, points=100, now=clock.now)
    points.redeem(db, order_id=order, now=clock.now)
    refunds = [
        points.reverse(db, order_id=order, refund_id=ids.new_id(), refunded_fen=part, base_fen=3_000, now=clock.now)
        for part in (1_000, 1_000, 1_000)
    ]
    assert [done.restored for done in refunds] == [33, 33, 34]
    [lot] = db.scalars(select(PointsLotRow))
    assert (lot.active, lot.spent) == (100, 0)


def test_points_given_back_after_their_day_live_for_the_grace_and_cancelling_again_gains_nothing(
    db: Session, clock: Clock
) -> None:
    member = make.a_member(db, now=clock.now, points_to_spend=100)
    bought_at = clock.now
    clock.advance(364 * 86_400)
    for turn in range(3):
        order = make.an_order()
        points.hold(db, member_id=member, order_id=order, points=100, now=clock.now)
        points.redeem(db, order_id=order, now=clock.now)
        clock.advance(2 * 86_400)
        points.release(db, order_id=order, now=clock.now)
        assert points.spendable(db, member_id=member, now=clock.now) == 100, turn
        assert points.spendable(db, member_id=member, now=bought_at + timedelta(days=372)) == 0
    clock.set(bought_at + timedelta(days=371))
    order = make.an_order()
    points.hold(db, member_id=member, order_id=order, points=100, now=clock.now)
    points.redeem(db, order_id=order, now=clock.now)
    clock.advance(2 * 86_400)
    assert points.release(db, order_id=order, now=clock.now) == 100
    assert points.spendable(db, member_id=member, now=clock.now) == 0
    assert kinds(db)[-1] == "expire"


def test_an_unpaid_hold_returns_to_its_lot_with_the_old_expiry(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now, points_to_spend=100)
    end = clock.now + timedelta(days=365)
    clock.advance(364 * 86_400)
    order = make.an_order()
    points.hold(db, member_id=member, order_id=order, points=100, now=clock.now)
    points.release(db, order_id=order, now=clock.advance(900))
    assert points.spendable(db, member_id=member, now=end - timedelta(seconds=1)) == 100
    assert points.spendable(db, member_id=member, now=end) == 0


def test_points_released_pay_a_debt_first(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    order, unpaid = make.earned(db, member, 100, now=clock.now), make.an_order()
    points.hold(db, member_id=member, order_id=unpaid, points=100, now=clock.now)
    points.reverse(db, order_id=order, refund_id=ids.new_id(), refunded_fen=1, base_fen=1, now=clock.now)
    assert members.get(db, member_id=member).points_balance == -100
    points.release(db, order_id=unpaid, now=clock.now)
    one = members.get(db, member_id=member)
    assert (one.points_balance, one.debt) == (0, 0)


def test_a_full_refund_of_an_order_paid_with_points_alone_gives_all_back(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now, points_to_spend=100)
    order = make.an_order()
    points.hold(db, member_id=member, order_id=order, points=100, now=clock.now)
    points.redeem(db, order_id=order, now=clock.now)
    done = points.reverse(db, order_id=order, refund_id=ids.new_id(), refunded_fen=0, base_fen=0, now=clock.now)
    assert done.restored == 100


def test_head_office_gives_and_takes_once_for_each_adjustment(db: Session, clock: Clock) -> None:
    member, given, taken = make.a_member(db, now=clock.now), ids.new_id(), ids.new_id()
    for _ in range(2):
        for adjustment, amount, balance in ((given, 100, None), (taken, -30, 70)):
            after = points.adjust(
                db,
                member_id=member,
                adjustment_id=adjustment,
                points=amount,
                reason="late",
                approver_id=ids.new_id(),
                now=clock.now,
            )
            assert balance is None or after == balance
    with pytest.raises(points.NotEnoughPoints):
        points.adjust(
            db,
            member_id=member,
            adjustment_id=ids.new_id(),
            points=-71,
            reason="x",
            approver_id=ids.new_id(),
            now=clock.now,
        )


def test_a_years_money_makes_the_tier_and_a_refund_unmakes_it(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    order = make.an_order()
    points.accrue(db, member_id=member, order_id=order, base_fen=100_000, active_from=clock.now, now=clock.now)
    assert members.get(db, member_id=member).tier == "silver"
    second = make.an_order()
    assert (
        points.accrue(db, member_id=member, order_id=second, base_fen=10_000, active_from=clock.now, now=clock.now)
        == 110
    )
    points.reverse(db, order_id=order, refund_id=ids.new_id(), refunded_fen=10_001, base_fen=100_000, now=clock.now)
    assert members.get(db, member_id=member).tier == "basic"


def test_a_tier_lapses_when_its_money_is_a_year_old(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    points.accrue(
        db, member_id=member, order_id=make.an_order(), base_fen=500_000, active_from=clock.now, now=clock.now
    )
    assert members.get(db, member_id=member).tier == "gold"
    assert members.review_tiers(db, now=clock.advance(364 * 86_400)) == member
    assert members.get(db, member_id=member).tier == "gold"
    members.review_tiers(db, now=clock.advance(86_400))
    assert members.get(db, member_id=member).tier == "basic"


@pytest.mark.parametrize("amount", [-1, 10**10])
def test_numbers_that_cannot_be_meant_are_refused(db: Session, clock: Clock, amount: int) -> None:
    member = make.a_member(db, now=clock.now)
    with pytest.raises(points.BadPoints):
        points.hold(db, member_id=member, order_id=make.an_order(), points=amount, now=clock.now)

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.membership import coupons, ledger_check
from tests.conftest import Clock
from tests.membership import make


@pytest.fixture
def db(db: Session) -> Iterator[Session]:
    """After every test of this file coupons must stand where their last move put them."""
    yield db
    assert ledger_check.differences(db) == []


def test_a_coupon_is_locked_by_an_order_used_when_paid_and_locked_once(db: Session, clock: Clock) -> None:
    member, order = make.a_member(db, now=clock.now), make.an_order()
    coupon = make.a_coupon(db, member, now=clock.now)
    for _ in range(2):
        assert (
            coupons.redeem(db, member_id=member, coupon_id=coupon, order_id=order, goods_fen=5_000, now=clock.now)
            == 1_000
        )
    assert make.usable_coupons(db, member_id=member, now=clock.now) == []
    with pytest.raises(coupons.NotUsable) as refusal:
        coupons.redeem(db, member_id=member, coupon_id=coupon, order_id=make.an_order(), goods_fen=5_000, now=clock.now)
    assert refusal.value.facts["state"] == "locked"
    for _ in range(2):
        coupons.use(db, order_id=order, now=clock.now)
    with pytest.raises(coupons.NotUsable) as refusal:
        coupons.discount(db, member_id=member, coupon_id=coupon, goods_fen=5_000, now=clock.now)
    assert refusal.value.facts["state"] == "used"


def test_a_coupon_given_back_can_be_used_again(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    coupon = make.a_coupon(db, member, now=clock.now)
    for _ in range(2):
        order = make.an_order()
        coupons.redeem(db, member_id=member, coupon_id=coupon, order_id=order, goods_fen=3_900, now=clock.now)
        assert coupons.give_back(db, order_id=order, now=clock.now)
        assert not coupons.give_back(db, order_id=order, now=clock.now)
    assert [one.id for one in make.usable_coupons(db, member_id=member, now=clock.now)] == [coupon]


def test_a_coupon_given_back_after_its_day_has_a_grace_that_cannot_be_stretched(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    coupon = make.a_coupon(db, member, now=clock.now, valid_days=1)
    end = clock.now + timedelta(days=4)
    clock.advance(86_399)
    for _ in range(3):
        order = make.an_order()
        coupons.redeem(db, member_id=member, coupon_id=coupon, order_id=order, goods_fen=3_900, now=clock.now)
        coupons.give_back(db, order_id=order, now=clock.advance(3_600))
        [one] = make.usable_coupons(db, member_id=member, now=clock.now)
        assert one.expires_at <= end
    order = make.an_order()
    coupons.redeem(db, member_id=member, coupon_id=coupon, order_id=order, goods_fen=3_900, now=clock.now)
    clock.set(end)
    assert coupons.give_back(db, order_id=order, now=clock.now)
    assert make.usable_coupons(db, member_id=member, now=clock.now) == []


def test_goods_below_the_threshold_are_told_how_much_is_missing(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    coupon = make.a_coupon(db, member, now=clock.now)
    with pytest.raises(coupons.BelowThreshold) as refusal:
        coupons.discount(db, member_id=member, coupon_id=coupon, goods_fen=3_899, now=clock.now)
    assert (refusal.value.facts["threshold_fen"], refusal.value.facts["goods_fen"]) == (3_900, 3_899)


def test_nobody_uses_the_coupon_of_another(db: Session, clock: Clock) -> None:
    mine, yours = make.a_member(db, now=clock.now), make.a_member(db, now=clock.now)
    coupon = make.a_coupon(db, mine, now=clock.now)
    with pytest.raises(coupons.NoSuchCoupon):
        coupons.redeem(db, member_id=yours, coupon_id=coupon, order_id=make.an_order(), goods_fen=5_000, now=clock.now)


def test_an_order_takes_one_coupon(db: Session, clock: Clock) -> None:
    member, order = make.a_member(db, now=clock.now), make.an_order()
    first, second = (make.a_coupon(db, member, now=clock.now) for _ in range(2))
    coupons.redeem(db, member_id=member, coupon_id=first, order_id=order, goods_fen=5_000, now=clock.now)
    with pytest.raises(coupons.OneAnOrder):
        coupons.redeem(db, member_id=member, coupon_id=second, order_id=order, goods_fen=5_000, now=clock.now)


def test_a_coupon_past_its_day_is_refused_before_and_after_the_sweep(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    coupon = make.a_coupon(db, member, now=clock.now, valid_days=1)
    clock.advance(86_400)
    for sweep in (1, 0):
        with pytest.raises(coupons.NotUsable) as refusal:
            coupons.discount(db, member_id=member, coupon_id=coupon, goods_fen=5_000, now=clock.now)
        assert refusal.value.facts["state"] == "expired"
        assert coupons.expire(db, now=clock.now) == sweep


def test_a_coupon_is_issued_once_for_a_cause_and_keeps_its_terms(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    make.a_campaign(db, on_joining=True)
    first = coupons.welcome(db, member_id=member, now=clock.now)
    make.a_campaign(db, on_joining=True, value=1)
    assert coupons.welcome(db, member_id=member, now=clock.now) == first
    assert coupons.discount(db, member_id=member, coupon_id=first[0], goods_fen=5_000, now=clock.now) == 1_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "gift"),
        ("value", 0),
        ("value", 101),
        ("threshold_fen", -1),
        ("most_fen", 0),
        ("valid_days", 0),
        ("code", "\0"),
    ],
)
def test_terms_nobody_could_honour_are_refused(db: Session, field: str, value: object) -> None:
    fields = {"code": "x", "kind": "percent", "value": 10} | {field: value}
    with pytest.raises(coupons.BadCampaign) as refusal:
        make.a_campaign(db, **fields)  # type: ignore[arg-type]
    assert refusal.value.facts["field"] == field


def test_a_campaign_that_is_over_issues_nothing(db: Session, clock: Clock) -> None:
    member = make.a_member(db, now=clock.now)
    make.a_campaign(db, active=False)
    with pytest.raises(coupons.NoSuchCampaign):
        coupons.issue(db, member_id=member, campaign="welcome", cause=str(ids.new_id()), now=clock.now)

"""What points and coupons are worth, which tier a year's money makes, what is taken first. Pure; every number is in the policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from o2o.kit.money import Fen


class Tier(StrEnum):
    """Member tiers, lowest first."""

    BASIC = "basic"
    SILVER = "silver"
    GOLD = "gold"
    BLACK = "black"


@dataclass(frozen=True, slots=True)
class TierRule:
    """From how much money in a year a tier holds, and how much more it earns."""

    tier: Tier
    from_fen: int
    earns_percent: int


@dataclass(frozen=True, slots=True)
class PointsPolicy:
    """Every number of taste in this room."""

    earn_fen: int = 100
    """Money that earns one point, before the tier's percentage."""
    worth_fen: int = 1
    """What one point pays."""
    most_percent: int = 50
    """The share of an order that points may pay."""
    valid_days: int = 365
    """How long points hold once active."""
    restore_grace_days: int = 7
    """Points given back live at least so long, but never beyond their first expiry plus this: cancelling again gains nothing."""
    coupon_grace_days: int = 3
    """The same for coupons."""
    tier_days: int = 365
    """The span of money that makes a tier."""
    expiring_soon_days: int = 30
    tiers: tuple[TierRule, ...] = (
        TierRule(Tier.BASIC, 0, 100),
        TierRule(Tier.SILVER, 100_000, 110),
        TierRule(Tier.GOLD, 500_000, 125),
        TierRule(Tier.BLACK, 2_000_000, 150),
    )


POLICY = PointsPolicy()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon promises: `value` fen off, or `value` percent off up to `most_fen`, from a basket of `threshold_fen` on."""

    kind: str
    value: int
    threshold_fen: int
    most_fen: int | None


def points_for(base_fen: int, tier: Tier = Tier.BASIC, policy: PointsPolicy = POLICY) -> int:
    """Points earned by money actually paid for goods, rounded down."""
    rule = next(rule for rule in policy.tiers if rule.tier is tier)
    return max(0, base_fen) * rule.earns_percent // (policy.earn_fen * 100)


def value_fen(points: int, policy: PointsPolicy = POLICY) -> Fen:
    """What so many points pay."""
    return Fen(points * policy.worth_fen)


def most_points(spendable: int, payable_fen: int, policy: PointsPolicy = POLICY) -> int:
    """The most points an order of `payable_fen` (goods less discounts) may be paid with."""
    return max(0, min(spendable, payable_fen * policy.most_percent // (100 * policy.worth_fen)))


def tier_for(spent_fen: int, policy: PointsPolicy = POLICY) -> Tier:
    """The tier that the money of the last `tier_days` makes."""
    return max(
        (rule for rule in policy.tiers if spent_fen >= rule.from_fen or not rule.from_fen), key=lambda r: r.from_fen
    ).tier


def next_tier(tier: Tier, spent_fen: int, policy: PointsPolicy = POLICY) -> tuple[Tier, Fen] | None:
    """The next tier and the money still missing to it; None at the top."""
    floor = next(rule.from_fen for rule in policy.tiers if rule.tier is tier)
    above = [rule for rule in policy.tiers if rule.from_fen > max(floor, spent_fen)]
    if not above:
        return None
    rule = min(above, key=lambda r: r.from_fen)
    return rule.tier, Fen(rule.from_fen - spent_fen)


def expires_at(active_from: datetime, policy: PointsPolicy = POLICY) -> datetime:
    """When points that become active at a time expire."""
    return active_from + timedelta(days=policy.valid_days)


def given_back_until(expires_at: datetime, latest_at: datetime, now: datetime, grace_days: int) -> datetime:
    """When something given back expires: as before, at least `grace_days` from now, at most `latest_at`."""
    return max(expires_at, min(now + timedelta(days=grace_days), latest_at))


def share(points: int, refunded_fen: int, base_fen: int) -> int:
    """The part of an order's points that belongs to the money refunded so far, rounded down; all of them once all is refunded."""
    if base_fen <= 0 or refunded_fen >= base_fen:
        return points
    return points * max(0, refunded_fen) // base_fen


def take(wanted: int, from_lots: Sequence[int]) -> list[int]:
    """How much each lot gives, first lots first; sums to `wanted`, or to all there is."""
    given: list[int] = []
    for there in from_lots:
        part = min(there, wanted)
        given.append(part)
        wanted -= part
    return given


def discount_fen(terms: Terms, goods_fen: int) -> Fen:
    """What a coupon takes off goods of this value: 0 below its threshold, never more than the goods cost."""
    if goods_fen < terms.threshold_fen:
        return Fen(0)
    off = terms.value if terms.kind == "fixed" else goods_fen * terms.value // 100
    if terms.most_fen is not None:
        off = min(off, terms.most_fen)
    return Fen(min(off, goods_fen))

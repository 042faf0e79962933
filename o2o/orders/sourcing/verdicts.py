"""Why a store may not have an order: one code for one cause, with the facts that show it. Pure."""

from collections.abc import Iterator
from enum import StrEnum

from o2o.orders.sourcing.facts import NOT_KEPT, Ask, Candidate, Doors, Reach
from o2o.orders.sourcing.policy import SourcingPolicy

Facts = dict[str, object]


class Verdict(StrEnum):
    """The causes, in the order in which they are looked for: the first that holds is named."""

    NOT_CHOSEN = "not_chosen"
    """The customer named another store for pickup."""
    REJECTED_BEFORE = "rejected_before"
    OUTSIDE_AREA = "outside_area"
    EXCLUDED_ZONE = "excluded_zone"
    RING_HOURS = "ring_hours"
    TOO_FAR = "too_far"
    DETOUR = "detour_too_long"
    EMERGENCY_CLOSED = "emergency_closed"
    CLOSED = "closed"
    NOT_SOLD_HERE = "not_sold_here"
    NO_STOCK = "no_stock"
    BELOW_MINIMUM = "below_minimum"
    TOO_HEAVY = "too_heavy"
    CAPACITY_FULL = "capacity_full"
    NO_RIDERS = "no_riders"
    CLOSES_BEFORE_READY = "closes_before_ready"
    TOO_SLOW = "too_slow"
    """The ring's own speed would not be kept."""
    TOO_LATE = "too_late"
    RULED_OUT = "ruled_out"
    """A filter of headquarters keeps it out; the facts name the filter."""


SHAREABLE = frozenset({Verdict.NOT_SOLD_HERE, Verdict.NO_STOCK, Verdict.TOO_HEAVY})
"""Causes that vanish when a store is asked for a part of the basket only."""


def causes(c: Candidate, ask: Ask, policy: SourcingPolicy) -> Iterator[tuple[Verdict, Facts]]:
    """Every cause that holds, the one to name first."""
    if c.chosen is False:
        yield Verdict.NOT_CHOSEN, {}
    if c.rejected:
        yield Verdict.REJECTED_BEFORE, {}
    if ask.delivery:
        yield from _reach(c, policy)
    if c.doors == Doors.EMERGENCY:
        yield Verdict.EMERGENCY_CLOSED, {"opens_at": _after(ask, c.opens_s)}
    elif c.doors == Doors.CLOSED:
        yield Verdict.CLOSED, {"opens_at": _after(ask, c.opens_s)}
    yield from _basket(c, ask, policy)
    yield from _time(c, ask, policy)


def _after(ask: Ask, seconds: int | None) -> str | None:
    return None if seconds is None else ask.after(seconds)


def _reach(c: Candidate, policy: SourcingPolicy) -> Iterator[tuple[Verdict, Facts]]:
    if c.reach == Reach.OUTSIDE:
        yield Verdict.OUTSIDE_AREA, {"distance_m": c.distance_m}
    elif c.reach == Reach.EXCLUDED:
        yield Verdict.EXCLUDED_ZONE, {"distance_m": c.distance_m}
    elif c.reach == Reach.NOT_NOW:
        yield Verdict.RING_HOURS, {"distance_m": c.distance_m}
    if c.distance_m > policy.farthest_m:
        yield Verdict.TOO_FAR, {"distance_m": c.distance_m, "most_m": policy.farthest_m}
    if c.ride_m > policy.detour_from_m and c.ride_m * 100 > c.distance_m * policy.most_detour_percent:
        yield Verdict.DETOUR, {"ride_m": c.ride_m, "distance_m": c.distance_m}


def _basket(c: Candidate, ask: Ask, policy: SourcingPolicy) -> Iterator[tuple[Verdict, Facts]]:
    missing = [(line, left) for line, left in zip(ask.lines, c.left, strict=True) if left < line.quantity]
    if missing:
        strange = [line.sku for line, left in missing if left == NOT_KEPT]
        if strange:
            yield Verdict.NOT_SOLD_HERE, {"skus": strange}
        short = [{"sku": line.sku, "wanted": line.quantity, "left": left} for line, left in missing if left != NOT_KEPT]
        if short:
            yield Verdict.NO_STOCK, {"short": short}
    if ask.delivery and ask.goods_fen < c.min_basket_fen:
        yield Verdict.BELOW_MINIMUM, {"least_fen": c.min_basket_fen, "missing_fen": c.min_basket_fen - ask.goods_fen}
    if ask.delivery and ask.weight_g > policy.heaviest_g:
        yield Verdict.TOO_HEAVY, {"weight_g": ask.weight_g, "most_g": policy.heaviest_g}


def _time(c: Candidate, ask: Ask, policy: SourcingPolicy) -> Iterator[tuple[Verdict, Facts]]:
    if c.backlog_s > policy.most_backlog_s:
        until_s = -(-(c.backlog_s - policy.most_backlog_s) // max(1, c.hands))
        facts: Facts = {"backlog_s": c.backlog_s, "most_s": policy.most_backlog_s, "until": ask.after(until_s)}
        yield Verdict.CAPACITY_FULL, facts
    if ask.delivery and policy.needs_riders and c.riders == 0:
        yield Verdict.NO_RIDERS, {}
    if c.closes_s is not None and c.ready_s > c.closes_s:
        yield Verdict.CLOSES_BEFORE_READY, {"closes_at": ask.after(c.closes_s), "ready_at": ask.after(c.ready_s)}
    if policy.keep_ring_speed and c.speed_s is not None and c.window_s is None and c.arrive_s > c.speed_s:
        yield Verdict.TOO_SLOW, {"speed_s": c.speed_s, "arrive_by": ask.after(c.arrive_s)}
    longest_s = policy.longest_promise_s if c.window_s is None else policy.latest_window_s
    if c.arrive_s > longest_s:
        yield Verdict.TOO_LATE, {"arrive_by": ask.after(c.arrive_s), "longest_s": longest_s}

"""Stores as sourcing is told of them: their shelves, how busy they are, how far away, and what each would plan. Reads only."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2o.dispatch.working import supply
from o2o.dispatch.working.supply import Supply
from o2o.geo.lonlat import LonLat
from o2o.infra.roads import Roads
from o2o.inventory.reserving import availability
from o2o.inventory.reserving.availability import Shelf
from o2o.kit.ids import Sku, StoreId
from o2o.kit.values import value
from o2o.orders import promise
from o2o.orders.promise import FulfilmentPlan, Load, Paces
from o2o.orders.quoting import glances
from o2o.orders.quoting.glances import Inside
from o2o.orders.quoting.slots import Slot
from o2o.orders.sourcing.facts import NOT_KEPT, Candidate, Doors, Reach
from o2o.stores import hours
from o2o.stores.snapshot import StoreInfo

NEAR_EXPIRY = timedelta(days=2)
"""Pieces whose last day is nearer than this had better be sold first."""
Window = tuple[datetime, datetime]


@value(frozen=True, slots=True)
class Place:
    """A store as seen from the door, before anybody has looked at its shelves."""

    store: StoreInfo
    distance_m: int
    reach: Reach = Reach.SERVES
    fee_fen: int = 0
    min_basket_fen: int = 0
    speed_s: int | None = None
    arrives: tuple[time, time] | None = None
    """The local time of day in which its ring is delivered."""
    slot: Slot | None = None
    """The window the customer chose."""

    def windows(self, now: datetime) -> tuple[Window, ...]:
        """Where it does not come at once: the chosen window, or its ring's next two (today's is one until it begins)."""
        if self.slot is not None:
            return ((self.slot.starts_at, self.slot.ends_at),)
        if self.arrives is None:
            return ()
        zone = ZoneInfo(self.store.timezone)
        today = now.astimezone(zone).date()
        start, end = self.arrives
        found = (
            (_at(today + timedelta(days=ahead), start, zone), _at(today + timedelta(days=ahead), end, zone))
            for ahead in range(3)
        )
        return tuple(window for window in found if window[0] > now)[:2]


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


@value(frozen=True, slots=True)
class Seen:
    """What was read about all the places at once."""

    shelves: Sequence[Shelf]
    """As the places are."""
    inside: Mapping[StoreId, Inside]
    supplied: Mapping[uuid.UUID, Supply]
    later: Mapping[uuid.UUID, Supply]
    """The supply expected when the first of the later windows begins."""


@value(frozen=True, slots=True)
class Visit:
    """What a store's plan is made of, whatever part of the basket it takes."""

    place: Place
    load: Load
    paces: Paces
    ride_s: int
    ride_m: int
    delivery: bool
    windows: tuple[Window, ...]

    def plan(self, lines: int, weight_g: int, now: datetime) -> FulfilmentPlan:
        """The plan of so many lines of so much weight here; in the first later window that can be kept, where there are such."""
        work_s = promise.pick_work_s(lines, weight_g, line_s=self.place.store.pick_line_s)
        if self.delivery:
            plan = promise.plan_delivery(
                now=now,
                work_s=work_s,
                load=self.load,
                ride_s=self.ride_s,
                distance_m=self.place.distance_m,
                paces=self.paces,
            )
        else:
            plan = promise.plan_pickup(now=now, work_s=work_s, load=self.load, paces=self.paces)
        if not self.windows:
            return plan
        kept = (window for window in self.windows if plan.arrive_by <= window[1])
        return _within(plan, *next(kept, self.windows[-1]))


def _within(plan: FulfilmentPlan, start: datetime, end: datetime) -> FulfilmentPlan:
    """A plan whose arrival is expected in the middle of a later window, and promised within it."""
    later_s = int(((start + (end - start) / 2) - plan.expected_at).total_seconds())
    moved = plan.shifted(max(0, later_s))
    slack_s = int((end - moved.expected_at).total_seconds())
    return replace(moved, arrive_from=start, arrive_by=end, slack_s=slack_s, agreed=True)


def visits(
    db: Session, *, found: Sequence[Place], skus: Sequence[Sku], point: LonLat | None, roads: Roads, now: datetime
) -> list[tuple[Visit, Shelf]]:
    """Every place with its load, its ride to the door (none without a `point`: pickup) and its shelf, read for all at once."""
    windows = [place.windows(now) for place in found]
    seen = _seen(db, found, skus, windows, point is not None, now)
    rides = _rides(found, point, roads, now)
    return [
        (_visit(place, seen, ride, window, point is not None, now), shelf)
        for place, shelf, ride, window in zip(found, seen.shelves, rides, windows, strict=True)
    ]


def _seen(
    db: Session,
    found: Sequence[Place],
    skus: Sequence[Sku],
    windows: Sequence[tuple[Window, ...]],
    delivery: bool,
    now: datetime,
) -> Seen:
    store_ids = [place.store.id for place in found]
    supplied: Mapping[uuid.UUID, Supply] = {}
    later: Mapping[uuid.UUID, Supply] = {}
    if delivery and found:
        supplied = glances.supplies(db, {place.store.area_id for place in found})
        if any(windows):
            at = min(window[0][0] for window in windows if window)
            later = supply.rider_supply(db, area_ids=list(supplied), at=at)
    return Seen(
        availability.shelves(db, store_ids=store_ids, skus=skus, now=now, expiring_by=(now + NEAR_EXPIRY).date()),
        glances.inside(db, store_ids, delivery=delivery, now=now),
        supplied,
        later,
    )


def _rides(found: Sequence[Place], point: LonLat | None, roads: Roads, now: datetime) -> list[tuple[int, int]]:
    """Seconds and metres of the ride from each place."""
    if point is None or not found:
        return [(0, 0)] * len(found)
    return roads.table([place.store.location for place in found], [point]).to_one(now)


def _visit(
    place: Place, seen: Seen, ride: tuple[int, int], windows: tuple[Window, ...], delivery: bool, now: datetime
) -> Visit:
    store, inside = place.store, seen.inside[place.store.id]
    riders = (seen.later if windows else seen.supplied).get(store.area_id, Supply())
    load = Load(
        backlog_s=inside.backlog.work_s,
        tasks=inside.backlog.tasks,
        hands=promise.STANDARD.hands if inside.hands is None else inside.hands,
        riders=riders.on_shift,
        free_riders=riders.free,
        open_deliveries=riders.open_deliveries,
        rush_s=store.rush_at(now),
    )
    return Visit(place, load, inside.paces, *ride, delivery, windows)


def candidate(
    visit: Visit, shelf: Shelf, plan: FulfilmentPlan, *, rejected: bool, chosen: bool | None, now: datetime
) -> Candidate:
    """A visit as sourcing reads it: seconds from now, and flags."""
    place, store, load = visit.place, visit.place.store, visit.load
    doors, opens_s, closes_s = _doors(visit, plan, now)
    return Candidate(
        store_id=store.id,
        area_id=store.area_id,
        reach=int(place.reach),
        doors=int(doors),
        opens_s=opens_s,
        closes_s=closes_s,
        distance_m=place.distance_m,
        ride_m=visit.ride_m,
        ride_s=visit.ride_s,
        fee_fen=place.fee_fen,
        min_basket_fen=place.min_basket_fen,
        ready_s=_after(now, plan.ready_at),
        arrive_s=_after(now, plan.arrive_by),
        window_s=_after(now, plan.arrive_from) if visit.windows else None,
        speed_s=place.speed_s,
        cost_fen=plan.cost_fen,
        backlog_s=load.backlog_s,
        hands=load.hands,
        riders=load.riders,
        open_deliveries=load.open_deliveries,
        rejected=rejected,
        chosen=chosen,
        left=tuple(NOT_KEPT if left is None else left for left in shelf.left),
        expiring=tuple(shelf.expiring),
    )


def _doors(visit: Visit, plan: FulfilmentPlan, now: datetime) -> tuple[Doors, int | None, int | None]:
    """Whether a store is open, else when it opens; and when it shuts. A later window asks only that it is open for the work."""
    store = visit.place.store
    if visit.windows and (store.is_open(plan.ready_at) or store.is_open(plan.arrive_from)):
        return Doors.OPEN, None, None
    open_now, opens_at = store.when_open(now)
    if open_now:
        closes_at = hours.closes_at(store.hours, now, enough=plan.ready_at)
        return Doors.OPEN, None, None if closes_at is None else _after(now, closes_at)
    shut_by_hand = store.closed_until is not None and now < store.closed_until
    opens_s = None if opens_at is None else _after(now, opens_at)
    return Doors.EMERGENCY if shut_by_hand else Doors.CLOSED, opens_s, None


def _after(now: datetime, at: datetime) -> int:
    return int((at - now).total_seconds())

"""What a dispatcher may do by hand, one act at a time, on rows locked before (`locked_rows`)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from o2o.dispatch import riders
from o2o.dispatch.carrying import allowed, eta, sequence, trips
from o2o.dispatch.carrying.deliveries import ASSIGNED, WAITING, AlreadyPickedUp, leaves_at, not_before
from o2o.dispatch.carrying.locked_rows import LockedRows, Named
from o2o.dispatch.carrying.sequence import Halt
from o2o.dispatch.events import TripOffered
from o2o.dispatch.models import Delivery, Refusal, Rider, Stop, Trip
from o2o.geo.lonlat import LonLat
from o2o.infra import outbox
from o2o.kit.errors import Conflict, Invalid

LONGEST_HOLD = timedelta(days=7)
EARLY = timedelta(minutes=15)
"""A rider is given what was agreed on for later no sooner than this before he may take it: his trip would stand still until then."""


class RiderAway(Conflict):
    """This rider is not on shift, or takes a break."""

    code = "dispatch.rider_away"


class OfferOpen(Conflict):
    """The rider is looking at an offer; wait for the answer."""

    code = "dispatch.offer_open"


class DoesNotFit(Conflict):
    """This rider cannot take it: too heavy or bulky, hands or insulated boxes full, a skill missing, outside his zone, or dropped
    before it is picked up."""

    code = "dispatch.does_not_fit"


class NotOnTrip(Conflict):
    """This delivery is not on that trip, or is picked up already."""

    code = "dispatch.not_on_trip"


class NothingLeft(Conflict):
    """A split leaves something on the trip; to take all, assign or take back."""

    code = "dispatch.nothing_left"


class NoSuchPlace(Invalid):
    """There is no such place among the stops still to do."""

    code = "dispatch.no_such_place"


class BadTime(Invalid):
    """A hold ends in the future, within seven days."""

    code = "dispatch.bad_time"


@dataclass(frozen=True, slots=True)
class _OnDelivery:
    delivery_id: uuid.UUID

    def named(self) -> Named:
        """What it touches."""
        return Named(deliveries=frozenset({self.delivery_id}))


@dataclass(frozen=True, slots=True)
class _ForRider(_OnDelivery):
    rider_id: uuid.UUID

    def named(self) -> Named:
        """What it touches."""
        return Named(deliveries=frozenset({self.delivery_id}), riders=frozenset({self.rider_id}))


@dataclass(frozen=True, slots=True)
class Assign(_ForRider):
    """Give a delivery that nobody has picked up to a rider, whoever has it now; one who is free is asked first.

    What may be taken only later on is kept for him until it is time, so that he can ride other trips meanwhile.
    """

    def do(self, at_hand: LockedRows) -> None:
        """Raises NoDelivery, NoRider, AlreadyPickedUp, RiderAway, OfferOpen, DoesNotFit."""
        delivery, rider = _not_picked_up(at_hand, self.delivery_id), at_hand.rider(self.rider_id)
        if delivery.rider_id == rider.id:
            return
        if rider.state in riders.AWAY or rider.break_wanted:
            raise RiderAway(field="rider_id", rider_id=rider.id, state=rider.state)
        trip = at_hand.trip_of(rider.id)
        from_at = leaves_at(delivery)
        if from_at is not None and from_at > at_hand.now + EARLY:
            _keep_for(at_hand, rider, delivery, from_at)
            return
        if trip is not None and trip.state == trips.OFFERED and trip.id not in at_hand.fresh:
            raise OfferOpen(field="rider_id", rider_id=rider.id)
        _take_off(at_hand, delivery)
        _put_on(at_hand, rider, trip or _new_trip(at_hand, rider), delivery)


@dataclass(frozen=True, slots=True)
class TakeBack(_OnDelivery):
    """Take a delivery from its rider, to wait for the next round."""

    def do(self, at_hand: LockedRows) -> None:
        """Raises NoDelivery, AlreadyPickedUp."""
        _take_off(at_hand, _not_picked_up(at_hand, self.delivery_id))


@dataclass(frozen=True, slots=True)
class Reserve(_ForRider):
    """Let rounds give a delivery to this rider only; no tour takes it along with another."""

    def do(self, at_hand: LockedRows) -> None:
        """Raises NoDelivery, NoRider, AlreadyPickedUp, RiderAway."""
        delivery, rider = _not_picked_up(at_hand, self.delivery_id), at_hand.rider(self.rider_id)
        if rider.state == riders.OFF_SHIFT:
            raise RiderAway(field="rider_id", rider_id=rider.id, state=rider.state)
        _take_off(at_hand, delivery)
        delivery.only_for, delivery.tour_id, delivery.version = rider.id, None, delivery.version + 1
        at_hand.say_delivery(delivery)


@dataclass(frozen=True, slots=True)
class Hold(_OnDelivery):
    """No pick-up before a time, nor before a booked window allows it; a rider who has it gives it back, and so does a tour."""

    until: datetime

    def do(self, at_hand: LockedRows) -> None:
        """Raises NoDelivery, AlreadyPickedUp, BadTime."""
        delivery = _not_picked_up(at_hand, self.delivery_id)
        if not at_hand.now < self.until <= at_hand.now + LONGEST_HOLD:
            raise BadTime(field="until", until=self.until)
        _take_off(at_hand, delivery)
        delivery.hold_until = max(self.until, not_before(delivery) or self.until)
        delivery.tour_id, delivery.version = None, delivery.version + 1
        at_hand.say_delivery(delivery)


@dataclass(frozen=True, slots=True)
class Release(_OnDelivery):
    """End a hold and a reservation; what was booked still waits for its window."""

    def do(self, at_hand: LockedRows) -> None:
        """Raises NoDelivery."""
        delivery = at_hand.delivery(self.delivery_id)
        delivery.hold_until, delivery.only_for, delivery.version = not_before(delivery), None, delivery.version + 1
        at_hand.say_delivery(delivery)


@dataclass(frozen=True, slots=True)
class Lock:
    """Rounds neither add to this trip nor re-order it (`on`), or may again."""

    trip_id: uuid.UUID
    on: bool

    def named(self) -> Named:
        """What it touches."""
        return Named(trips=frozenset({self.trip_id}))

    def do(self, at_hand: LockedRows) -> None:
        """Raises NoLiveTrip."""
        trip = at_hand.trip(self.trip_id)
        trip.locked, trip.version = self.on, trip.version + 1
        at_hand.say_trip(trip)


@dataclass(frozen=True, slots=True)
class Split:
    """Take some deliveries off a trip, to another rider, or to wait when none is named."""

    trip_id: uuid.UUID
    delivery_ids: tuple[uuid.UUID, ...]
    rider_id: uuid.UUID | None

    def named(self) -> Named:
        """What it touches."""
        people = frozenset({self.rider_id} if self.rider_id else ())
        return Named(frozenset(self.delivery_ids), people, frozenset({self.trip_id}))

    def do(self, at_hand: LockedRows) -> None:
        """Raises NoLiveTrip, NotOnTrip, NothingLeft, and what Assign and TakeBack raise."""
        trip = at_hand.trip(self.trip_id)
        aboard = {d.id for d in at_hand.deliveries.values() if d.trip_id == trip.id and d.state == ASSIGNED}
        strangers = set(self.delivery_ids) - aboard
        if strangers:
            raise NotOnTrip(field="delivery_ids", delivery_ids=sorted(str(one) for one in strangers))
        kept = {d.id for d in at_hand.deliveries.values() if d.trip_id == trip.id} - set(self.delivery_ids)
        if not kept:
            raise NothingLeft(field="delivery_ids", trip_id=trip.id)
        for delivery_id in self.delivery_ids:
            (Assign(delivery_id, self.rider_id) if self.rider_id else TakeBack(delivery_id)).do(at_hand)


@dataclass(frozen=True, slots=True)
class MoveStop:
    """Put a stop at another place among those still to do (0 is next). The trip is locked: rounds keep this order."""

    stop_id: uuid.UUID
    to: int

    def named(self) -> Named:
        """What it touches."""
        return Named(stops=frozenset({self.stop_id}))

    def do(self, at_hand: LockedRows) -> None:
        """Raises NoLiveTrip, NoSuchPlace, DoesNotFit."""
        trip_id = at_hand.db.scalar(select(Stop.trip_id).where(Stop.id == self.stop_id))
        trip = at_hand.trip(trip_id or self.stop_id)
        way = at_hand.way(trip.id)
        index = next((k for k, stop in enumerate(way.stops) if stop.id == self.stop_id), None) if way else None
        if way is None or index is None or not self.to < len(way.stops):
            raise NoSuchPlace(field="position", stop_id=self.stop_id, left=len(way.stops) if way else 0)
        if way.halts[0].arrived and 0 in (index, self.to) and index != self.to:
            raise NoSuchPlace(field="position", stop_id=self.stop_id, left=len(way.stops))
        line = sequence.moved(way.halts, index, self.to)
        broken = sequence.breach(line, allowed.load_of(at_hand.riders[trip.rider_id]))
        if broken:
            raise DoesNotFit(reason=broken, stop_id=self.stop_id)
        trip.locked, trip.version = True, trip.version + 1
        _arrange(at_hand, trip, line, way)
        at_hand.say_trip(trip)


Act = Assign | TakeBack | Reserve | Hold | Release | Lock | Split | MoveStop


def _not_picked_up(at_hand: LockedRows, delivery_id: uuid.UUID) -> Delivery:
    delivery = at_hand.delivery(delivery_id)
    if delivery.state not in (WAITING, ASSIGNED):
        raise AlreadyPickedUp(field="delivery_id", delivery_id=delivery_id)
    return delivery


def _take_off(at_hand: LockedRows, delivery: Delivery) -> None:
    """Back to waiting, its stops gone from the trip; a trip with nothing left ends."""
    if delivery.trip_id is None:
        return
    trip = at_hand.trip(delivery.trip_id)
    way = at_hand.way(trip.id)
    before = sequence.metres(way.halts, way.metres) if way else 0
    at_hand.db.execute(
        delete(Stop).where(Stop.trip_id == trip.id, Stop.delivery_id == delivery.id, Stop.state.in_(trips.OPEN_STOP))
    )
    delivery.state, delivery.rider_id, delivery.trip_id = WAITING, None, None
    delivery.round_id = delivery.tour_id = None
    delivery.version += 1
    at_hand.db.flush()
    way = at_hand.way(trip.id)
    left = sequence.metres(way.halts, way.metres) if way else 0
    trip.distance_m = max(0, trip.distance_m - max(0, before - left))
    at_hand.db.flush()
    trips.close_if_done(at_hand.db, trip_id=trip.id, now=at_hand.now)
    at_hand.say_delivery(delivery)


def _new_trip(at_hand: LockedRows, rider: Rider) -> Trip:
    trip = trips.offered(at_hand.db, rider=rider, round_id=None, now=at_hand.now)
    at_hand.fresh.add(trip.id)
    said = TripOffered(trip_id=trip.id, rider_id=rider.id, area_id=rider.area_id)
    outbox.emit(at_hand.db, said, now=at_hand.now)
    return trip


def _put_on(at_hand: LockedRows, rider: Rider, trip: Trip, delivery: Delivery) -> None:
    """Two more stops where they cost least; what the rider refused before he is given by hand all the same."""
    barred = allowed.bar(rider, delivery)
    if barred:
        raise DoesNotFit(field="rider_id", reason=barred, rider_id=rider.id)
    doors = allowed.doors(delivery)
    way = at_hand.way(trip.id, doors) or _empty_way(at_hand, trip, doors)
    n = len(way.halts)
    pickup = eta.halt(delivery, "pickup", n + 1, at_hand.times, at_hand.now)
    dropoff = eta.halt(delivery, "dropoff", n + 2, at_hand.times, at_hand.now)
    frozen = 1 if trip.state == trips.ACCEPTED else 0  # the rider is on the way there
    line, why = sequence.joined(
        way.halts, pickup, dropoff, load=allowed.load_of(rider), seconds=way.seconds, frozen=frozen
    )
    if line is None:
        raise DoesNotFit(field="rider_id", reason=why, rider_id=rider.id)
    trip.distance_m += max(0, sequence.metres(line, way.metres) - sequence.metres(way.halts, way.metres))
    trip.version += 1
    delivery.state, delivery.rider_id, delivery.trip_id = ASSIGNED, rider.id, trip.id
    delivery.only_for = delivery.tour_id = delivery.round_id = None
    delivery.hold_until = not_before(delivery)
    delivery.version += 1
    _arrange(at_hand, trip, line, way, delivery)
    at_hand.db.execute(delete(Refusal).where(Refusal.delivery_id == delivery.id, Refusal.rider_id == rider.id))
    at_hand.say_delivery(delivery)
    at_hand.say_trip(trip)


def _keep_for(at_hand: LockedRows, rider: Rider, delivery: Delivery, from_at: datetime) -> None:
    """His when it is time; what he refused before he is given by hand all the same."""
    if barred := _never(at_hand, rider, delivery):
        raise DoesNotFit(field="rider_id", reason=barred, rider_id=rider.id)
    _take_off(at_hand, delivery)
    delivery.only_for, delivery.tour_id, delivery.hold_until = rider.id, None, from_at
    delivery.version += 1
    at_hand.db.execute(delete(Refusal).where(Refusal.delivery_id == delivery.id, Refusal.rider_id == rider.id))
    at_hand.say_delivery(delivery)


def _never(at_hand: LockedRows, rider: Rider, delivery: Delivery) -> str:
    """Why the rider could not take it with empty hands; "" if he can."""
    one = eta.halt(delivery, "pickup", 1, at_hand.times, at_hand.now)
    return allowed.bar(rider, delivery) or sequence.breach([one], allowed.load_of(rider))


def _empty_way(at_hand: LockedRows, trip: Trip, doors: tuple[LonLat, LonLat]) -> eta.Way:
    place = at_hand.places.get(trip.rider_id, doors[0])
    seconds, metres = eta.travel(at_hand.roads, [place, *doors], at_hand.times, at_hand.now)
    return eta.Way(trip, (), (), (), at_hand.times.ride_spread, seconds, metres)


def _arrange(at_hand: LockedRows, trip: Trip, line: list[Halt], way: eta.Way, joined: Delivery | None = None) -> None:
    """Write the order and its times down; stops of `joined` are made."""
    rows = {(stop.delivery_id, stop.kind): stop for stop in way.stops}
    over = select(func.max(Stop.position)).where(Stop.trip_id == trip.id, Stop.state.not_in(trips.OPEN_STOP))
    last = at_hand.db.scalar(over)
    first = 0 if last is None else last + 1
    for position, (halt, at_s) in enumerate(zip(line, sequence.arrivals(line, way.seconds), strict=True), start=first):
        eta_at = at_hand.now + timedelta(seconds=at_s)
        stop = rows.get((halt.delivery_id, halt.kind))
        if stop is not None:
            stop.position, stop.eta_at = position, eta_at
        elif joined is not None:
            at_hand.db.add(trips.stop_for(trip, joined, kind=halt.kind, position=position, eta_at=eta_at))
    at_hand.db.flush()

"""Windows later today or tomorrow: how much work and how many rides each can take, and who has a share of it.

A window's room is work, not orders: seconds of the hands on the rota, and the rides the riders expected then can make, each for
the part kept for windows (the rest is for orders at once). A share is held at checkout until the payment is due, kept when paid and
given back exactly once. Takers of one window meet at its row, so it never holds more than it can.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch.working import planned_shifts
from o2o.kit.errors import Conflict, Invalid
from o2o.kit.ids import StoreId
from o2o.orders.models import SlotBooking, SlotWindow
from o2o.orders.promise import STANDARD, pick_work_s
from o2o.picking import rota
from o2o.stores import places
from o2o.stores.snapshot import StoreInfo

WINDOW = timedelta(hours=1)
LEAD = timedelta(minutes=60)
"""From the look to the beginning of a window, at least."""
AHEAD = timedelta(hours=36)
OPENED_BEFORE = timedelta(minutes=40)
"""Picker and rider are told of an order so long before its window begins."""
FOR_WINDOWS = 0.5
"""What part of hands and riders is given to windows."""
RIDES_AN_HOUR = 4
"""A rider's deliveries in an hour."""
LIVE = ("held", "kept")


class SlotFull(Conflict):
    """This window has no room for the basket any more."""

    code = "orders.slot_full"


class NoSlot(Invalid):
    """There is no such window: too soon, too far ahead, or the store is shut then."""

    code = "orders.no_slot"


@dataclass(frozen=True, slots=True)
class Slot:
    """A window of a store."""

    store_id: StoreId
    starts_at: datetime
    ends_at: datetime

    @property
    def id(self) -> str:
        """What a quote names it by."""
        return f"{self.store_id}.{int(self.starts_at.timestamp())}"


@dataclass(frozen=True, slots=True)
class Room:
    """What a window can take, and what is left of it: seconds of picking, and rides."""

    work_s: int
    rides: int
    left_s: int
    left_rides: int

    def takes(self, work_s: int, rides: int) -> bool:
        """Whether so much more fits."""
        return work_s <= self.left_s and rides <= self.left_rides


def named(db: Session, *, slot_id: str, now: datetime) -> Slot:
    """The window a customer chose.

    Raises:
        NoSlot: not a window that could be offered now.
    """
    slot = read(slot_id)
    try:
        store = places.get(db, store_id=slot.store_id)
    except places.NoSuchStore:
        raise NoSlot(field="slot_id") from None
    if slot not in _of_store(store, now):
        raise NoSlot(field="slot_id")
    return slot


def work_s(db: Session, *, slot: Slot, lines: int, weight_g: int) -> int:
    """Seconds of one pair of hands that a basket takes of a window."""
    line_s = places.get(db, store_id=slot.store_id).pick_line_s
    return pick_work_s(lines, weight_g, line_s=line_s)


def read(slot_id: str) -> Slot:
    """The window of that name, whether it is offered or not.

    Raises:
        NoSlot: not a window's name.
    """
    store_id, _, epoch = slot_id.partition(".")
    try:
        starts_at = datetime.fromtimestamp(int(epoch), UTC)
        return Slot(StoreId(uuid.UUID(store_id)), starts_at, starts_at + WINDOW)
    except (ValueError, OverflowError, OSError):
        raise NoSlot(field="slot_id") from None


def offered(db: Session, *, store_ids: Sequence[StoreId], now: datetime) -> list[tuple[Slot, Room]]:
    """The windows of these stores that may be chosen now, the next first, full ones too."""
    slots = [slot for store_id in store_ids for slot in _of_store(places.get(db, store_id=store_id), now)]
    return sorted(_rooms(db, slots, now), key=lambda one: (one[0].starts_at, one[0].store_id))


def _of_store(store: StoreInfo, now: datetime) -> list[Slot]:
    """Whole hours within the opening hours, from the lead time on."""
    first = int((now + LEAD).timestamp())
    starts_at = datetime.fromtimestamp(-(-first // 3_600) * 3_600, UTC)
    found = []
    while starts_at < now + AHEAD:
        slot = Slot(store.id, starts_at, starts_at + WINDOW)
        if store.is_open(starts_at) and store.is_open(slot.ends_at - timedelta(seconds=1)):
            found.append(slot)
        starts_at += WINDOW
    return found


def _rooms(db: Session, slots: Sequence[Slot], now: datetime) -> list[tuple[Slot, Room]]:
    """Each window with its room: who is on the rota and who is expected to ride is asked once an hour, for all stores."""
    stores = {slot.store_id: places.get(db, store_id=slot.store_id) for slot in slots}
    areas = [store.area_id for store in places.all_stores(db)]
    taken = _taken(db, slots, now)
    found = []
    for starts_at in sorted({slot.starts_at for slot in slots}):
        here = [slot for slot in slots if slot.starts_at == starts_at]
        hands = rota.hands(db, store_ids=[slot.store_id for slot in here], at=starts_at)
        at_work = {stores[slot.store_id].area_id for slot in here}
        riders = planned_shifts.expected(db, area_ids=sorted(at_work), at=starts_at)
        for slot in here:
            area_id = stores[slot.store_id].area_id
            there = hands.get(slot.store_id, STANDARD.hands)
            room = _room(there, riders[area_id], areas.count(area_id), *taken.get((slot.store_id, starts_at), (0, 0)))
            found.append((slot, room))
    return found


def _room(hands: int, riders: int, sharing: int, taken_s: int, taken_rides: int) -> Room:
    """An area's riders carry for all the stores that share them: each store's windows have an equal part."""
    work_s = int(hands * WINDOW.total_seconds() * FOR_WINDOWS)
    rides = int(riders * RIDES_AN_HOUR * (WINDOW / timedelta(hours=1)) * FOR_WINDOWS / max(sharing, 1))
    return Room(work_s, rides, max(0, work_s - taken_s), max(0, rides - taken_rides))


def _counts(now: datetime) -> ColumnElement[bool]:
    """A share that still counts: a hold that has run out is as if it were not there, cleaned up or not."""
    return or_(SlotBooking.state == "kept", and_(SlotBooking.state == "held", SlotBooking.expires_at > now))


def _taken(db: Session, slots: Sequence[Slot], now: datetime) -> dict[tuple[StoreId, datetime], tuple[int, int]]:
    if not slots:
        return {}
    query = (
        select(SlotBooking.store_id, SlotBooking.starts_at, func.sum(SlotBooking.work_s), func.sum(SlotBooking.rides))
        .where(
            SlotBooking.store_id.in_({slot.store_id for slot in slots}),
            SlotBooking.starts_at.between(min(s.starts_at for s in slots), max(s.starts_at for s in slots)),
            SlotBooking.state.in_(LIVE),
            _counts(now),
        )
        .group_by(SlotBooking.store_id, SlotBooking.starts_at)
    )
    return {(StoreId(store), at): (int(work_s), int(rides)) for store, at, work_s, rides in db.execute(query)}


def check(db: Session, *, slot: Slot, work_s: int, delivery: bool, now: datetime) -> Room:
    """Whether a basket would fit, without taking it.

    Raises:
        SlotFull
    """
    ((_, room),) = _rooms(db, [slot], now)
    if not room.takes(work_s, int(delivery)):
        raise SlotFull(slot_id=slot.id, left_s=room.left_s, left_rides=room.left_rides)
    return room


def hold(
    db: Session, *, order_id: uuid.UUID, slot: Slot, work_s: int, delivery: bool, until: datetime, now: datetime
) -> None:
    """Take a share of a window until it is paid for. An order has one share; a released one may be taken again.

    Raises:
        SlotFull
    """
    meeting = insert(SlotWindow).values(store_id=slot.store_id, starts_at=slot.starts_at, ends_at=slot.ends_at)
    db.execute(meeting.on_conflict_do_nothing())
    at_it = and_(SlotWindow.store_id == slot.store_id, SlotWindow.starts_at == slot.starts_at)
    db.execute(select(SlotWindow.starts_at).where(at_it).with_for_update())
    check(db, slot=slot, work_s=work_s, delivery=delivery, now=now)
    values = {
        "store_id": slot.store_id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "work_s": work_s,
        "rides": int(delivery),
        "state": "held",
        "expires_at": until,
        "opens_at": slot.starts_at - OPENED_BEFORE,
        "opened_at": None,
        "released_at": None,
    }
    share = insert(SlotBooking).values(order_id=order_id, **values)
    db.execute(share.on_conflict_do_update(index_elements=["order_id"], set_=values))


def hold_longer(db: Session, *, order_id: uuid.UUID, until: datetime) -> None:
    """The customer is paying: a share that is held is held until then at least. No window is fine."""
    held = update(SlotBooking).where(SlotBooking.order_id == order_id, SlotBooking.state == "held")
    db.execute(held.values(expires_at=func.greatest(SlotBooking.expires_at, until)))


def keep(db: Session, *, order_id: uuid.UUID, now: datetime) -> None:
    """The order is paid: its share stays, and where its window is near already its work counts as opened. No window is fine.

    Raises:
        SlotFull: the hold had run out, and what it held is gone meanwhile.
    """
    found = db.execute(select(SlotBooking).where(SlotBooking.order_id == order_id).with_for_update()).scalar()
    if found is None:
        return
    if found.state == "released" or (found.state == "held" and found.expires_at <= now):
        slot = Slot(StoreId(found.store_id), found.starts_at, found.ends_at)
        hold(
            db, order_id=order_id, slot=slot, work_s=found.work_s, delivery=found.rides > 0, until=found.expires_at, now=now
        )  # fmt: skip
    opened_at = now if found.opens_at <= now else None
    db.execute(
        update(SlotBooking).where(SlotBooking.order_id == order_id).values(state="kept", opened_at=opened_at),
        execution_options={"synchronize_session": "evaluate"},
    )


def release(db: Session, *, order_id: uuid.UUID, now: datetime) -> bool:
    """Give an order's share back; True the one time that it did."""
    mine = update(SlotBooking).where(SlotBooking.order_id == order_id, SlotBooking.state.in_(LIVE))
    done = db.execute(mine.values(state="released", released_at=now).returning(SlotBooking.order_id))
    return done.scalar() is not None


def waits(db: Session, *, order_id: uuid.UUID) -> bool:
    """Whether an order's work is not to be opened yet."""
    query = select(SlotBooking.order_id).where(SlotBooking.order_id == order_id, SlotBooking.state == "kept")
    return db.scalar(query.where(SlotBooking.opened_at.is_(None))) is not None


def to_open(db: Session, *, now: datetime, limit: int = 200) -> list[uuid.UUID]:
    """Orders whose time has come and whose work nobody knows of yet, the earliest first."""
    query = select(SlotBooking.order_id).where(
        SlotBooking.state == "kept", SlotBooking.opened_at.is_(None), SlotBooking.opens_at <= now
    )
    return list(db.scalars(query.order_by(SlotBooking.opens_at, SlotBooking.order_id).limit(limit)))


def opened(db: Session, *, order_id: uuid.UUID, now: datetime) -> bool:
    """Note that an order's work is opened; True the one time that it was not."""
    waiting = update(SlotBooking).where(
        SlotBooking.order_id == order_id, SlotBooking.state == "kept", SlotBooking.opened_at.is_(None)
    )
    return db.scalar(waiting.values(opened_at=now).returning(SlotBooking.order_id)) is not None

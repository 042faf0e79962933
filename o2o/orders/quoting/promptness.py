"""What an address may be told before anybody has filled a basket: how soon, from when, or where to fetch it.

Asked by every visitor, so an answer is remembered for a little while for the same few metres.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat, checked
from o2o.infra.db import house_of
from o2o.infra.roads import Roads
from o2o.orders.quoting import slots, survey
from o2o.stores import places
from o2o.stores.coverage import serving
from o2o.stores.snapshot import StoreInfo

REMEMBERED = timedelta(seconds=20)
MOST = 2_000
STEP_MIN = 5
"""What is said to everybody is rounded up to this."""
LINES, WEIGHT_G = 4, 2_500
"""A usual basket."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """`kind`: `minutes` (delivered now), `from` (delivered from `from_at`), `pickup` (fetch it at the store), `none`."""

    kind: str
    minutes: int | None = None
    from_at: datetime | None = None
    store: StoreInfo | None = None
    distance_m: int | None = None

    @property
    def text_zh(self) -> str:
        """In Chinese."""
        match self.kind:
            case "minutes":
                return f"约 {self.minutes} 分钟送达"
            case "from":
                return f"{self._clock()} 起送达"
            case "pickup":
                assert self.store is not None
                return f"不在配送范围，可到 {self.store.name_zh} 自提（{self.distance_m} 米）"
            case _:
                return "附近暂无门店"

    @property
    def text_en(self) -> str:
        """In English."""
        match self.kind:
            case "minutes":
                return f"in about {self.minutes} min"
            case "from":
                return f"from {self._clock()}"
            case "pickup":
                assert self.store is not None
                return f"no delivery here; pick up at {self.store.name_en} ({self.distance_m} m)"
            case _:
                return "no store near"

    def _clock(self) -> str:
        assert self.store is not None
        assert self.from_at is not None
        return self.from_at.astimezone(ZoneInfo(self.store.timezone)).strftime("%H:%M")


_remembered: WeakKeyDictionary[Engine, dict[tuple[float, float], tuple[datetime, Prompt]]] = WeakKeyDictionary()


def at(db: Session, *, point: LonLat, roads: Roads, now: datetime) -> Prompt:
    """What to say at a place.

    Raises:
        BadPoint: not a finite pair of degrees.
    """
    point = checked(*point)
    known = _remembered.setdefault(house_of(db), {})
    key = (round(point.lon, 4), round(point.lat, 4))
    said_at, said = known.get(key, (None, None))
    if said is not None and said_at is not None and timedelta(0) <= now - said_at < REMEMBERED:
        return said
    found = _look(db, point, roads, now)
    if len(known) >= MOST:
        known.clear()
    known[key] = (now, found)
    return found


def forget() -> None:
    """Forget what was said: for tests that go back in time."""
    _remembered.clear()


def _look(db: Session, point: LonLat, roads: Roads, now: datetime) -> Prompt:
    visits = survey.look(db, point=point, lines=LINES, weight_g=WEIGHT_G, roads=roads, now=now)
    soon = [(plan.arrive_by, metres, store) for store, metres, plan in visits if not plan.agreed and store.is_open(now)]
    if soon:
        by, metres, store = min(soon, key=lambda one: (one[0], one[1]))
        minutes = ceil((by - now) / timedelta(minutes=STEP_MIN)) * STEP_MIN
        return Prompt("minutes", minutes=minutes, store=store, distance_m=metres)
    later = [(plan.arrive_from, metres, store) for store, metres, plan in visits if plan.agreed]
    later += [(opens, metres, store) for store, metres, _ in visits if (opens := store.when_open(now)[1]) is not None]
    later += _windows(db, visits, now)
    if later:
        from_at, metres, store = min(later, key=lambda one: (one[0], one[1]))
        return Prompt("from", from_at=from_at, store=store, distance_m=metres)
    near = serving.nearest(db, point=point, now=now, limit=1)
    if near:
        return Prompt("pickup", store=near[0].store, distance_m=near[0].distance_m)
    return Prompt("none")


def _windows(db: Session, visits: list[survey.Look], now: datetime) -> list[tuple[datetime, int, StoreInfo]]:
    """The next window with room of each store that is shut now."""
    far = {store.id: metres for store, metres, _ in visits}
    free = [slot for slot, room in slots.offered(db, store_ids=list(far), now=now) if room.takes(1, 1)]
    return [(slot.starts_at, far[slot.store_id], places.get(db, store_id=slot.store_id)) for slot in free]

"""How long and how far between places: the matrix planners read, and the model used where no road network answers."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from o2o.geo.lonlat import LonLat, as_array, distances_m, metres_between

Int32s = NDArray[np.int32]
FEW = 8
"""Up to so many pairs the calls of numpy would cost more than the sums."""


@dataclass(frozen=True, slots=True)
class SpeedProfile:
    """How much slower the streets are at each hour of the local day: 24 factors, 1.0 = free road, 1.3 = 30 % longer."""

    slowdown: tuple[float, ...]
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        if len(self.slowdown) != 24 or min(self.slowdown) <= 0:
            raise ValueError("a speed profile needs 24 positive factors")

    def factor(self, at: datetime) -> float:
        """The factor at a moment, linear between the middles of two hours, so that a plan never jumps at the full hour.

        Raises:
            ValueError: `at` has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("a speed profile needs an aware time")
        local = at.astimezone(ZoneInfo(self.zone))
        hours = local.hour + local.minute / 60 + local.second / 3600 - 0.5
        before = int(hours // 1)
        share = hours - before
        return self.slowdown[before % 24] * (1 - share) + self.slowdown[(before + 1) % 24] * share


CITY_DAY = SpeedProfile(
    (1.0,) * 7 + (1.15, 1.25, 1.15, 1.05, 1.1, 1.15, 1.1, 1.0, 1.0, 1.1, 1.25, 1.3, 1.2, 1.1, 1.0, 1.0, 1.0)
)
"""An e-bike's day in a Chinese city: it filters past cars, so peaks cost it about 25 to 30 %, not the 80 % of a car."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What a rider rides. Speeds hold on a free road; `detour` is road metres per straight metre."""

    name: str
    speed_mps: float
    detour: float = 1.35
    fixed_s: int = 0
    """Added to every leg of more than zero metres: unlocking, the first and last few steps."""


EBIKE = Vehicle("ebike", speed_mps=5.5)
"""About 20 km/h along the road; the national standard GB 17761 caps an electric bicycle at 25."""
BICYCLE = Vehicle("bicycle", speed_mps=4.2)
ON_FOOT = Vehicle("on_foot", speed_mps=1.3, detour=1.25)
MOTORCYCLE = Vehicle("motorcycle", speed_mps=8.0, detour=1.4)
CARGO_TRIKE = Vehicle("cargo_trike", speed_mps=4.2)
"""An electric three-wheeler with a box: as slow as a bicycle, and it carries a tour."""
VEHICLES = {vehicle.name: vehicle for vehicle in (EBIKE, BICYCLE, ON_FOOT, MOTORCYCLE, CARGO_TRIKE)}


@dataclass(frozen=True, slots=True, eq=False)
class TravelMatrix:
    """Travel from each source (row) to each target (column): whole seconds and whole metres, int32, never negative."""

    seconds: Int32s
    metres: Int32s

    def __post_init__(self) -> None:
        if self.seconds.shape != self.metres.shape or self.seconds.ndim != 2:
            raise ValueError("seconds and metres must be two tables of one shape")
        if self.seconds.dtype != np.int32 or self.metres.dtype != np.int32:
            raise ValueError("a travel matrix holds int32")
        if self.seconds.size and (self.seconds.min() < 0 or self.metres.min() < 0):
            raise ValueError("travel cannot be negative")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TravelMatrix):
            return NotImplemented
        return np.array_equal(self.seconds, other.seconds) and np.array_equal(self.metres, other.metres)

    __hash__ = None  # type: ignore[assignment]

    def slowed(self, factor: float) -> "TravelMatrix":
        """The same ways on slower streets: seconds times `factor`, rounded up; metres unchanged."""
        return TravelMatrix(np.ceil(self.seconds * factor).astype(np.int32), self.metres)

    def to_one(self, when: datetime, profile: SpeedProfile = CITY_DAY) -> list[tuple[int, int]]:
        """Seconds at a time of day, and metres, from each source to the first target: `at` in plain numbers, for who asks of a few."""
        factor = profile.factor(when)
        seconds, metres = self.seconds[:, 0].tolist(), self.metres[:, 0].tolist()
        return [(ceil(free_s * factor), m) for free_s, m in zip(seconds, metres, strict=True)]

    def at(self, when: datetime, profile: SpeedProfile = CITY_DAY) -> "TravelMatrix":
        """The same ways as they are at a time of day."""
        return self.slowed(profile.factor(when))


def estimate(sources: list[LonLat], targets: list[LonLat], vehicle: Vehicle = EBIKE) -> TravelMatrix:
    """Great circle times detour, at the vehicle's speed; what is used where the road network has no answer.

    Both tables have shape (len(sources), len(targets)). Times are rounded up, distances to the nearest metre.
    """
    if 0 < len(sources) * len(targets) <= FEW:
        ways = [[metres_between(a, b) * vehicle.detour for b in targets] for a in sources]
        took = [[ceil(m / vehicle.speed_mps) + (vehicle.fixed_s if m > 0.5 else 0) for m in row] for row in ways]
        return TravelMatrix(np.array(took, np.int32), np.array([[round(m) for m in row] for row in ways], np.int32))
    metres = distances_m(as_array(sources), as_array(targets)) * vehicle.detour
    seconds = np.ceil(metres / vehicle.speed_mps) + np.where(metres > 0.5, vehicle.fixed_s, 0)
    return TravelMatrix(seconds.astype(np.int32), np.rint(metres).astype(np.int32))

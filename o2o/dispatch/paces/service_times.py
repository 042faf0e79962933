"""How long things take, as far as it was learned: at a store's counter, at a building's door, on the road at an hour. Pure.

Samples are drawn in to Tukey's fences (J. W. Tukey, Exploratory Data Analysis, 1977: quartiles and one and a half times what lies
between) before anything is averaged, so that one forgotten phone does not move a store. What was seen seldom leans on its
area and the area on what we begin with: n samples count n / (n + WORTH) (H. Bühlmann, ASTIN Bulletin 4, 1967).
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from o2o.geo.lonlat import LonLat
from o2o.geo.travel import CITY_DAY, SpeedProfile

WORTH = 12
"""What a place leans on counts as much as so many samples of its own."""
FENCE = 1.5
QUARTILES_APART = 1.349
"""Standard deviations between the quartiles of a normal."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long something takes: mean and standard deviation in seconds, and how often it was seen (0: not yet)."""

    mean_s: int
    spread_s: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """Samples of one thing put together, in their own unit."""

    count: int
    mean: float
    spread: float


USUAL_COUNTER = Pace(90, 45)
"""Taking a packed order over the counter, before anything was learned."""
USUAL_DOOR = Pace(120, 60)
"""From the kerb to the door and back: stairs, gate, a word."""
USUAL_WAIT = Pace(240, 240)
"""From packed goods that nobody has come for to a rider at the counter, before anything was learned."""
USUAL_RIDE = Seen(0, 1.0, 0.25)
"""A ride as long as the speed profile of the day foretells it, give or take a quarter."""


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """What is known of one area, for the stores and doors asked about. Everything else takes the area's usual time."""

    counters: Mapping[uuid.UUID, Pace] = field(default_factory=dict)
    doors: Mapping[str, Pace] = field(default_factory=dict)
    usual_counter: Pace = USUAL_COUNTER
    usual_door: Pace = USUAL_DOOR
    waits: Mapping[uuid.UUID, Pace] = field(default_factory=dict)
    usual_wait: Pace = USUAL_WAIT
    speed: SpeedProfile = CITY_DAY
    """The day's slowdown as this area has it; `speed.factor(at)` multiplies seconds on free roads."""
    ride_spread: float = USUAL_RIDE.spread
    """Standard deviation of a ride as a share of what is foretold."""
    rides: int = 0

    def counter(self, store_id: uuid.UUID) -> Pace:
        """Handing goods over at a store, once both the goods and the rider are there."""
        return self.counters.get(store_id, self.usual_counter)

    def wait(self, store_id: uuid.UUID) -> Pace:
        """How long goods that stood packed at a store stood there before their rider came."""
        return self.waits.get(store_id, self.usual_wait)

    def door(self, place: LonLat) -> Pace:
        """From arriving at a customer's building to having handed over."""
        return self.doors.get(building(place), self.usual_door)

    def at(self, stop: str, *, kind: str, store_id: uuid.UUID, place: LonLat) -> Pace:
        """What a stop (`pickup`, `dropoff`, `return`) of a delivery of this kind takes; `store_id` is the store it is at, if any."""
        return self.door(place) if at_a_door(stop, kind=kind) else self.counter(store_id)


def at_a_door(stop: str, *, kind: str) -> bool:
    """Whether a stop is at a customer's door; else it is at a store's counter."""
    return stop == ("pickup" if kind == "return" else "dropoff") and kind != "transfer"


def building(place: LonLat) -> str:
    """The name of the building at a point: some ten metres across, all doors behind one gate."""
    return f"{place.lon:.4f},{place.lat:.4f}"


def seen(samples: Iterable[float]) -> Seen:
    """Count, mean and standard deviation of samples drawn in to Tukey's fences; the same in whatever order they come.

    Raises:
        ValueError: there are none.
    """
    values = np.sort(np.fromiter(samples, dtype=np.float64))
    if not values.size:
        raise ValueError("nothing was seen")
    low, high = np.percentile(values, (25, 75))
    reach = FENCE * (high - low)
    drawn_in = np.clip(values, low - reach, high + reach)
    return Seen(int(values.size), float(drawn_in.mean()), float(drawn_in.std()))


def middle(samples: Iterable[float]) -> Seen:
    """Count and median of samples, and the standard deviation a normal would have with their quartiles; the same in whatever order.

    For what has a long tail of its own (waiting), where the mean tells a time that most do not wait.

    Raises:
        ValueError: there are none.
    """
    values = np.sort(np.fromiter(samples, dtype=np.float64))
    if not values.size:
        raise ValueError("nothing was seen")
    low, half, high = np.percentile(values, (25, 50, 75))
    return Seen(int(values.size), float(half), float(high - low) / QUARTILES_APART)


def leaning(own: Seen, on: Seen, *, worth: int = WORTH) -> Seen:
    """What is to be believed of `own` given what it leans `on`; the spread is that of both taken together."""
    share = own.count / (own.count + worth)
    mean = share * own.mean + (1 - share) * on.mean
    variance = share * own.spread**2 + (1 - share) * on.spread**2 + share * (1 - share) * (own.mean - on.mean) ** 2
    return Seen(own.count, mean, variance**0.5)


def believed(
    samples: Mapping[str, Sequence[float]], prior: Seen, put_together: Callable[[Iterable[float]], Seen] = seen
) -> dict[str, Seen]:
    """Each key's samples leaning on all samples together (key ""), which lean on `prior`. Nothing seen: nothing."""
    everything = [value for values in samples.values() for value in values]
    if not everything:
        return {}
    whole = leaning(put_together(everything), prior)
    return {"": whole} | {
        key: leaning(put_together(values), whole) for key, values in sorted(samples.items()) if values
    }


def speed_by(hours: Mapping[int, float], whole: float, base: SpeedProfile = CITY_DAY) -> SpeedProfile:
    """The base profile times what was learned of each hour of the local day; hours never ridden take the whole day's."""
    return SpeedProfile(tuple(usual * hours.get(h, whole) for h, usual in enumerate(base.slowdown)), base.zone)

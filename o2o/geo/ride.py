"""A line along the road with the time at every corner: what a rider rides, and where on it they are at a moment."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from o2o.geo.lonlat import LonLat, distance_m
from o2o.geo.travel import EBIKE, Vehicle


@dataclass(frozen=True, slots=True)
class Ride:
    """Corners of the line, whole seconds and metres from its start to each, and which corner each wanted place is.

    `estimated` says that the road network had no answer and the line is straight.
    """

    points: tuple[LonLat, ...]
    seconds: tuple[int, ...]
    metres: tuple[int, ...]
    stops: tuple[int, ...]
    estimated: bool = False

    def __post_init__(self) -> None:
        if not len(self.points) == len(self.seconds) == len(self.metres) or len(self.points) < 1:
            raise ValueError("a ride has a time and a distance at every corner")

    @property
    def travel_s(self) -> int:
        """Seconds from the first corner to the last."""
        return self.seconds[-1]

    @property
    def distance_m(self) -> int:
        """Metres along the line."""
        return self.metres[-1]

    def position_at(self, elapsed_s: float) -> LonLat:
        """Where on the line someone is after so many seconds; before the start the start, after the end the end."""
        if elapsed_s <= self.seconds[0]:
            return self.points[0]
        if elapsed_s >= self.seconds[-1]:
            return self.points[-1]
        after = bisect_right(self.seconds, elapsed_s)
        a, b = self.points[after - 1], self.points[after]
        share = (elapsed_s - self.seconds[after - 1]) / (self.seconds[after] - self.seconds[after - 1])
        return LonLat(a.lon + (b.lon - a.lon) * share, a.lat + (b.lat - a.lat) * share)

    def slowed(self, factor: float) -> "Ride":
        """The same line on slower streets."""
        return replace(self, seconds=tuple(round(s * factor) for s in self.seconds))

    def to_geojson(self) -> dict[str, Any]:
        """A GeoJSON LineString, degrees rounded to a decimetre; a ride of one corner repeats it."""
        points = self.points if len(self.points) > 1 else self.points * 2
        return {"type": "LineString", "coordinates": [[round(p.lon, 6), round(p.lat, 6)] for p in points]}


def straight(places: Sequence[LonLat], vehicle: Vehicle = EBIKE) -> Ride:
    """Straight legs between the places, timed by the detour model.

    Raises:
        ValueError: no places.
    """
    seconds, metres = [0], [0]
    for a, b in pairwise(places):
        road_m = round(distance_m(a, b) * vehicle.detour)
        metres.append(metres[-1] + road_m)
        seconds.append(seconds[-1] + -int(-road_m // vehicle.speed_mps) + (vehicle.fixed_s if road_m else 0))
    return Ride(tuple(places), tuple(seconds), tuple(metres), tuple(range(len(places))), estimated=True)

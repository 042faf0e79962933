"""Which riders a round weighs where an area has more of them than one round can. Pure."""

import uuid
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from o2o.geo.lonlat import LonLat, as_array, distances_m


def to_pickups(places: Mapping[uuid.UUID, LonLat], pickups: Sequence[LonLat], *, most: int) -> list[uuid.UUID]:
    """At most `most` of those who stand at `places`: each pick-up in its turn takes the nearest who is left.

    In turns, because the nearest to all pick-ups together may all stand beside one store: as many are near each place as have to
    fetch something there. Of two equally far the first in `places` is taken. Where there is nothing to fetch, nobody is wanted.
    """
    people = list(places)
    if len(people) <= most or not pickups:
        return people if len(people) <= most else []
    stand = as_array([places[one] for one in people])
    queues = {pickup: _by_distance(pickup, stand) for pickup in dict.fromkeys(pickups)}
    taken: dict[int, None] = {}
    while len(taken) < most:
        for pickup in pickups[: most - len(taken)]:
            taken[next(n for n in queues[pickup] if n not in taken)] = None
    return [people[n] for n in taken]


def _by_distance(pickup: LonLat, stand: NDArray[np.float64]) -> Iterator[int]:
    metres = distances_m(as_array([pickup]), stand)[0]
    return iter(np.argsort(metres, kind="stable").tolist())

"""Travel asked for before: a square table of the places lately used, on free roads, so that only what is new is asked again.

Places are rounded to a metre, and the network is asked for the rounded ones, so an answer does not depend on what was asked earlier.
The hour's slowdown multiplies afterwards: one table serves every hour. Areas share it, for each has its own places; the place
longest unused makes room.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Counter

from o2o.geo.lonlat import LonLat
from o2o.geo.travel import Int32s, TravelMatrix

PAIRS = Counter(
    "o2o_travel_pairs", "Pairs of places whose travel was asked for, by where the answer came from", ["source"]
)
UNKNOWN = -1
Ask = Callable[[Sequence[LonLat], Sequence[LonLat]], TravelMatrix | None]
"""Travel from the network; None when it does not answer, which is not kept."""


class KnownTravel:
    """Thread-safe; the network is asked without the lock."""

    def __init__(self, most: int = 1_500, begin: int = 128) -> None:
        self._most = most
        self._slots: OrderedDict[LonLat, int] = OrderedDict()
        self._owner = np.zeros(begin, np.int64)
        self._turn = 0
        self._seconds = np.full((begin, begin), UNKNOWN, np.int32)
        self._metres = np.full((begin, begin), UNKNOWN, np.int32)
        self._lock = threading.Lock()

    def table(self, sources: Sequence[LonLat], targets: Sequence[LonLat], ask: Ask) -> TravelMatrix | None:
        """Travel from each source to each target; None where the network was needed and did not answer."""
        rows, columns = [rounded(p) for p in sources], [rounded(p) for p in targets]
        wanted = dict.fromkeys([*rows, *columns])
        if len(wanted) > self._most:
            PAIRS.labels("network").inc(len(rows) * len(columns))
            return ask(rows, columns)
        with self._lock:
            self._make_room(wanted)
            a = np.array([self._slots[p] for p in rows], np.intp)
            b = np.array([self._slots[p] for p in columns], np.intp)
            owners_a, owners_b = self._owner[a], self._owner[b]
            seconds, metres = self._seconds[np.ix_(a, b)], self._metres[np.ix_(a, b)]
        asked = 0
        for r, c in _blocks(seconds == UNKNOWN):
            found = ask([rows[n] for n in r], [columns[n] for n in c])
            if found is None:
                return None
            seconds[np.ix_(r, c)], metres[np.ix_(r, c)] = found.seconds, found.metres
            asked += found.seconds.size
        PAIRS.labels("network").inc(asked)
        PAIRS.labels("known").inc(max(0, seconds.size - asked))
        if asked:
            with self._lock:
                kept_a, kept_b = self._owner[a] == owners_a, self._owner[b] == owners_b
                here = np.ix_(a[kept_a], b[kept_b])
                self._seconds[here], self._metres[here] = (x[np.ix_(kept_a, kept_b)] for x in (seconds, metres))
        return TravelMatrix(seconds, metres)

    def _make_room(self, wanted: dict[LonLat, None]) -> None:
        """A slot for every wanted place, those used last kept longest."""
        for place in wanted:
            if place in self._slots:
                self._slots.move_to_end(place)
        for place in wanted:
            if place in self._slots:
                continue
            if len(self._slots) < self._most:
                slot = len(self._slots)
                if slot == len(self._owner):
                    self._grow()
            else:
                _, slot = self._slots.popitem(last=False)
            self._turn += 1
            self._slots[place], self._owner[slot] = slot, self._turn
            for table in (self._seconds, self._metres):
                table[slot, :] = table[:, slot] = UNKNOWN

    def _grow(self) -> None:
        size = min(self._most, 2 * len(self._owner))
        self._owner = np.pad(self._owner, (0, size - len(self._owner)))
        self._seconds, self._metres = (_larger(table, size) for table in (self._seconds, self._metres))


def rounded(place: LonLat) -> LonLat:
    """The place to about a metre."""
    return LonLat(round(place.lon, 5), round(place.lat, 5))


def _blocks(unknown: NDArray[np.bool_]) -> list[tuple[list[int], list[int]]]:
    """Rows and columns to ask for so that nothing stays unknown: new places' rows whole, then new places' columns for the rest."""
    found = []
    new = np.flatnonzero(unknown.sum(axis=1) * 2 > unknown.shape[1])
    if new.size:
        found.append((new.tolist(), list(range(unknown.shape[1]))))
        unknown = unknown.copy()
        unknown[new] = False
    rows, columns = np.flatnonzero(unknown.any(axis=1)), np.flatnonzero(unknown.any(axis=0))
    if rows.size:
        found.append((rows.tolist(), columns.tolist()))
    return found


def _larger(table: Int32s, size: int) -> Int32s:
    whole = np.full((size, size), UNKNOWN, np.int32)
    whole[: len(table), : len(table)] = table
    return whole

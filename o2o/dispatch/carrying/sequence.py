"""The order of a trip's stops as people change it by hand: is it lawful, when is what reached, where does one more fit best. Pure.

Times are seconds from now. `Halt.place` numbers rows of the travel table; place 0 is where the rider is.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LATE_WEIGHT = 3
"""A second past the promise weighs this many seconds of waiting, as in the rounds."""


@dataclass(frozen=True, slots=True)
class Halt:
    """One stop still to do. `opens_s`: goods cannot be taken before it; `due_s`: promised (hand-overs only)."""

    delivery_id: uuid.UUID
    kind: str
    place: int
    service_s: int
    opens_s: int
    due_s: int
    weight_g: int
    arrived: bool = False
    volume_ml: int = 0
    insulated: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """What a rider may have on board at once."""

    capacity_g: int
    max_jobs: int
    capacity_ml: int = 2**31
    insulated_boxes: int = 2**31


def arrivals(halts: Sequence[Halt], seconds: NDArray[np.int32]) -> list[int]:
    """When the goods change hands at each stop, ridden in this order from place 0."""
    at, clock, here = [], 0, 0
    for halt in halts:
        clock += 0 if halt.arrived else int(seconds[here, halt.place])
        clock = max(clock, halt.opens_s)
        at.append(clock)
        clock, here = clock + halt.service_s, halt.place
    return at


def metres(halts: Sequence[Halt], table: NDArray[np.int32]) -> int:
    """The way from place 0 through all stops."""
    return sum(int(table[a, b]) for a, b in pairwise([0, *(halt.place for halt in halts)]))


def breach(halts: Sequence[Halt], load: Load) -> str:
    """Which law the order breaks: `dropped_before_picked_up`, `too_heavy`, `too_bulky`, `no_box_free`,
    `hands_full`, or "" for none."""
    waiting = {halt.delivery_id for halt in halts if halt.kind == "pickup"}
    aboard = {halt.delivery_id: halt for halt in halts if halt.kind != "pickup" and halt.delivery_id not in waiting}
    for halt in halts:
        if halt.kind == "pickup":
            waiting.discard(halt.delivery_id)
            aboard[halt.delivery_id] = halt
            broken = _too_much(list(aboard.values()), load)
            if broken:
                return broken
        elif halt.delivery_id in waiting:
            return "dropped_before_picked_up"
        else:
            aboard.pop(halt.delivery_id, None)
    return ""


def _too_much(aboard: Sequence[Halt], load: Load) -> str:
    if sum(halt.weight_g for halt in aboard) > load.capacity_g:
        return "too_heavy"
    if sum(halt.volume_ml for halt in aboard) > load.capacity_ml:
        return "too_bulky"
    if sum(halt.insulated for halt in aboard) > load.insulated_boxes:
        return "no_box_free"
    return "hands_full" if len(aboard) > load.max_jobs else ""


def cost_s(halts: Sequence[Halt], seconds: NDArray[np.int32]) -> int:
    """Seconds until each hand-over, lateness weighed more."""
    times = arrivals(halts, seconds)
    ends = [(at, halt.due_s) for at, halt in zip(times, halts, strict=True) if halt.kind != "pickup"]
    return sum(at + LATE_WEIGHT * max(0, at - due) for at, due in ends)


def joined(
    halts: Sequence[Halt], pickup: Halt, dropoff: Halt, *, load: Load, seconds: NDArray[np.int32], frozen: int = 0
) -> tuple[list[Halt] | None, str]:
    """The best lawful order with one more delivery, after the first `frozen` stops and after one the rider stands at.

    None with the law that forbids it when there is none.
    """
    first = max(min(frozen, len(halts)), 1 if halts and halts[0].arrived else 0)
    best: tuple[int, list[Halt]] | None = None
    why = "hands_full"
    for p in range(first, len(halts) + 1):
        for d in range(p, len(halts) + 1):
            line = [*halts[:p], pickup, *halts[p:d], dropoff, *halts[d:]]
            broken = breach(line, load)
            if broken:
                why = broken
            elif best is None or cost_s(line, seconds) < best[0]:
                best = (cost_s(line, seconds), line)
    return (None, why) if best is None else (best[1], "")


def moved(halts: Sequence[Halt], index: int, to: int) -> list[Halt]:
    """The same stops with one taken out and put in at `to` (both count the stops still to do, from 0)."""
    rest = [halt for k, halt in enumerate(halts) if k != index]
    return [*rest[:to], halts[index], *rest[to:]]

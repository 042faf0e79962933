"""What today's promise would have said on days that were recorded: each day judged by what the other days taught.

    python -m bench.promise_replay FOLDER      # of recordings made by bench.promise, whatever promise was in force then

Loads and what came are as recorded; plan, margin and learning are today's, in the order in which it happened, an order teaching only once
it has come. What is not seen: that another promise might have made riders ride otherwise. Prints JSON.
"""

import heapq
import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from pathlib import Path
from statistics import median
from typing import Any

from bench.promise import share_kept
from o2o.orders.promise import STANDARD, Paces, Stage, crowd_of, scale_s
from o2o.orders.promise.paces import Known, Seen, learn

CITY = "city"
PAYS_AFTER_S = 60
"""Recordings count from the payment; a quote is made about so long before."""


@dataclass(frozen=True, slots=True)
class _Said:
    planned: Mapping[Stage, float]
    spread_s: float
    allowed_s: float
    crowd: int


def main() -> None:
    """Judge every recorded day by the others."""
    folder = Path(sys.argv[1])
    days = [json.loads(path.read_text()) for path in sorted(folder.glob("*-*-*.json"))]
    days = [day | {"outcomes": [x for x in day["outcomes"] if _whole(x)]} for day in days if day["kind"] != "fixed"]
    judged = []
    for day in days:
        known: dict[str, Known] = {}
        for other in days:
            if other is not day:
                _live(other["outcomes"], known)
        judged.append((f"{day['seed']}:{day['demand']:g}", _live(day["outcomes"], known)))
    everything = [row for _, rows in judged for row in rows]
    by_store: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in everything:
        by_store[row["store"]].append(row)
    found = {
        "days": {name: share_kept(rows) | {"promised min p50": _minutes(rows)} for name, rows in judged},
        "all": share_kept(everything),
        "by store": {store: share_kept(rows) for store, rows in sorted(by_store.items())},
    }
    print(json.dumps(found, indent=1))


def _whole(row: dict[str, Any]) -> bool:
    return row["over_s"] is not None and "rider" in row["stages"]


def _minutes(rows: list[dict[str, Any]]) -> float:
    return round(float(median(row["promised_s"] for row in rows)) / 60, 1)


def _live(outcomes: list[dict[str, Any]], known: dict[str, Known]) -> list[dict[str, Any]]:
    """A day as it happened; `known` learns. Answers each order with what would have been promised."""
    agenda: list[tuple[float, int, int]] = []
    for nth, row in enumerate(outcomes):
        at = datetime.fromisoformat(row["placed_at"]).timestamp()
        heapq.heappush(agenda, (at, 0, nth))
        heapq.heappush(agenda, (at + PAYS_AFTER_S + row["took_s"], 1, nth))
    said: dict[int, _Said] = {}
    found = []
    while agenda:
        _, came, nth = heapq.heappop(agenda)
        row = outcomes[nth]
        if came:
            found.append(_judge(row, said[nth], known))
        else:
            said[nth] = _say(row, Paces(known.get(row["store"], Known()), known.get(CITY, Known())))
    return found


def _say(row: dict[str, Any], paces: Paces) -> _Said:
    expected = {Stage(name): one["expected_s"] for name, one in row["stages"].items()}
    kept = {stage: paces.pace(stage) for stage in expected}
    planned = {stage: seconds * kept[stage].factor for stage, seconds in expected.items()}
    spread_s = sqrt(sum((kept[stage].share * scale_s(seconds)) ** 2 for stage, seconds in planned.items()))
    crowd = crowd_of((expected[Stage.RIDER] - STANDARD.idle_rider_s) / STANDARD.crowded_wait_s)
    return _Said(planned, spread_s, paces.margin(crowd) * spread_s + STANDARD.step_s / 2, crowd)


def _judge(row: dict[str, Any], said: _Said, known: dict[str, Known]) -> dict[str, Any]:
    taken = {Stage(name): one["took_s"] for name, one in row["stages"].items()}
    expected = {Stage(name): one["expected_s"] for name, one in row["stages"].items()}
    over_s = sum(taken.values()) - sum(said.planned.values())
    stages = {s: (taken[s], expected[s], said.planned[s], scale_s(said.planned[s])) for s in taken}
    seen = Seen(stages, over_s - STANDARD.step_s / 2, said.spread_s, said.crowd)
    learned = learn(Paces(known.get(row["store"], Known()), known.get(CITY, Known())), seen)
    known[row["store"]], known[CITY] = learned.store, learned.city
    promised_s = sum(said.planned.values()) + said.allowed_s
    return {"store": row["store"], "late_s": over_s - said.allowed_s, "promised_s": promised_s}


if __name__ == "__main__":
    main()

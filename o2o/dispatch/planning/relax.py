"""The smallest change that would have fitted a job: relax one limit, weigh every rider again, and halve the change
until it is just enough. All other jobs stay where the plan has them, so the work is bounded."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from o2o.dispatch.planning.draft import Draft
from o2o.dispatch.planning.flat import (
    FAR_S,
    HUGE,
    J_DROP,
    J_LATEST,
    J_MAX_RIDE,
    J_PICK,
    R_BOXES,
    R_COLUMNS,
    R_END,
    R_FREE,
    R_G,
    R_HOME,
    R_LAST_PICK,
    R_LIFO,
    R_MIX,
    R_ML,
    R_PLACE,
    R_REST,
    R_REST_LATEST,
    R_STOPS,
    R_UNITS,
)
from o2o.dispatch.planning.insertion import NOT_FOUND, extra_costs, insertion
from o2o.dispatch.planning.plan import Relaxation
from o2o.dispatch.planning.problem import Problem
from o2o.dispatch.planning.reasons import CODE, Reason
from o2o.dispatch.planning.timetable import FITS

# Which limit, where it stands, how far it may be moved, in which unit.
RIDER_LIMITS = (
    (Reason.SHIFT_ENDS, R_END, 86_400, "s"),
    (Reason.PICKUP_TOO_LATE, R_LAST_PICK, 86_400, "s"),
    (Reason.BREAK_DUE, R_REST_LATEST, 86_400, "s"),
    (Reason.TOO_HEAVY, R_G, HUGE, "g"),
    (Reason.TOO_BULKY, R_ML, HUGE, "ml"),
    (Reason.NO_BOX_FREE, R_BOXES, HUGE, "boxes"),
    (Reason.HANDS_FULL, R_UNITS, HUGE, "jobs"),
    (Reason.STOP_LIMIT, R_STOPS, 2, "stops"),
    (Reason.STORES_MIXED, R_MIX, 1, ""),
    (Reason.LOADING_ORDER, R_LIFO, 1, ""),
)
JOB_LIMITS = ((Reason.WINDOW_MISSED, J_LATEST, 2 * 86_400, "s"), (Reason.RIDE_TOO_LONG, J_MAX_RIDE, 86_400, "s"))
RULES = (
    Reason.SKILL_MISSING,
    Reason.ZONE_NOT_ALLOWED,
    Reason.DECLINED,
    Reason.RESERVED,
    Reason.HELD_BY_OTHER,
)
NAMES: dict[Reason, tuple[str, str]] = {
    Reason.SHIFT_ENDS: ("班次延长", "shift"),
    Reason.PICKUP_TOO_LATE: ("最晚取货时间延后", "last pick-up"),
    Reason.BREAK_DUE: ("休息推迟", "break later"),
    Reason.TOO_HEAVY: ("载重增加", "load"),
    Reason.TOO_BULKY: ("容积增加", "space"),
    Reason.NO_BOX_FREE: ("保温箱增加", "insulated boxes"),
    Reason.HANDS_FULL: ("同时携带单数增加", "jobs carried"),
    Reason.STOP_LIMIT: ("允许再加", "stops added"),
    Reason.STORES_MIXED: ("允许混装", "mix stores"),
    Reason.LOADING_ORDER: ("不限装载顺序", "unload in any order"),
    Reason.WINDOW_MISSED: ("时间窗延长", "window"),
    Reason.RIDE_TOO_LONG: ("在途时间延长", "time on the way"),
    Reason.SKILL_MISSING: ("不要求技能", "without the skill"),
    Reason.ZONE_NOT_ALLOWED: ("允许跨区", "outside the zones"),
    Reason.DECLINED: ("再次询问已拒单骑手", "ask again who declined"),
    Reason.RESERVED: ("取消指定骑手", "not only for the chosen rider"),
    Reason.HELD_BY_OTHER: ("从现骑手处收回", "take it back from its rider"),
}
UNITS: dict[str, tuple[int, str, str]] = {
    "s": (60, "分钟", "min"),
    "g": (1_000, "公斤", "kg"),
    "ml": (1_000, "升", "l"),
    "boxes": (1, "个", ""),
    "jobs": (1, "单", ""),
    "stops": (1, "站", ""),
}
"""How many make one of what people say, and how they call it."""
Fits = Callable[[int], int]


def relaxations(problem: Problem, draft: Draft, j: int, said: Reason) -> tuple[Relaxation, ...]:
    """Single changes that would have fitted job row j, the named reason's first; empty if none alone would."""
    if said in (Reason.UNREACHABLE, Reason.HELD_ON_PURPOSE, Reason.WORK_LIMIT):
        return ()
    found: list[Relaxation] = []
    if len(problem.riders):
        found += [one for one in (_job_limit(problem, draft, j, *limit) for limit in JOB_LIMITS) if one]
        found += [one for one in (_rider_limit(problem, draft, j, *limit) for limit in RIDER_LIMITS) if one]
        found += [one for one in (_rule(problem, draft, j, reason) for reason in RULES) if one]
    job = problem.jobs[j]
    # What is kept for a rider, or in his bag, no other rider brings.
    extra = None if job.only_for or job.holder else _one_more_rider(problem, draft, j)
    found.sort(key=lambda one: one.reason is not said)
    return (*found, *([extra] if extra else []))


def fitting(draft: Draft, j: int) -> int:
    """The rider row job j costs least, -1 if it fits nowhere."""
    extra = np.full((1, len(draft.lens)), NOT_FOUND, dtype=np.int64)
    why = np.zeros(extra.shape, dtype=np.int8)
    jobs = np.array([j], dtype=np.int64)
    extra_costs(draft.flat, draft.seqs, draft.lens, draft.allowed, jobs, extra, why)
    best = int(extra[0].argmin())
    return best if extra[0, best] < NOT_FOUND else -1


def smallest(fits: Fits, most: int) -> tuple[int, int]:
    """(least amount in 1..most for which `fits` names a rider, that rider), or (0, -1). Assumes more never hurts."""
    if fits(most) < 0:
        return 0, -1
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if fits(middle) >= 0:
            high = middle
        else:
            low = middle + 1
    return low, fits(low)


def _job_limit(
    problem: Problem, draft: Draft, j: int, reason: Reason, column: int, most: int, unit: str
) -> Relaxation | None:
    row, before = draft.flat.jobs[j], int(draft.flat.jobs[j, column])

    def fits(amount: int) -> int:
        row[column] = before + amount
        return fitting(draft, j)

    amount, rider = smallest(fits, most)
    row[column] = before
    return _worded(problem, reason, amount, unit, rider) if rider >= 0 else None


def _rider_limit(
    problem: Problem, draft: Draft, j: int, reason: Reason, column: int, most: int, unit: str
) -> Relaxation | None:
    riders = draft.flat.riders
    before = riders[:, column].copy()

    def fits(amount: int) -> int:
        riders[:, column] = before + (-amount if column == R_LIFO else amount)
        return fitting(draft, j)

    amount, rider = smallest(fits, most)
    riders[:, column] = before
    return _worded(problem, reason, amount, unit, rider) if rider >= 0 else None


def _rule(problem: Problem, draft: Draft, j: int, reason: Reason) -> Relaxation | None:
    column = draft.allowed[:, j]
    before = column.copy()
    column[before == CODE[reason]] = FITS
    rider = fitting(draft, j) if (before != column).any() else -1
    column[:] = before
    return _worded(problem, reason, 0, "", rider) if rider >= 0 else None


def _worded(problem: Problem, reason: Reason, amount: int, unit: str, rider: int) -> Relaxation:
    zh, en = NAMES[reason]
    if amount and unit:
        size, zh_unit, en_unit = UNITS[unit]
        much = f"{math.ceil(10 * amount / size) / 10:g}" if unit in ("g", "ml") else str(-(-amount // size))
        zh, en = f"{zh} {much} {zh_unit}", f"{en} +{much} {en_unit}".rstrip()
    return Relaxation(reason, "limit" if unit else "rule", amount, unit, problem.riders[rider].id, zh, en)


def _one_more_rider(problem: Problem, draft: Draft, j: int) -> Relaxation | None:
    """A free rider at the pick-up, able to do everything: until when would he have to be there?"""
    flat = draft.flat
    one = np.zeros((1, R_COLUMNS), dtype=np.int64)
    one[0, [R_G, R_ML, R_BOXES, R_UNITS]] = HUGE
    one[0, [R_END, R_LAST_PICK, R_REST_LATEST]] = FAR_S * 8
    one[0, R_PLACE], one[0, R_HOME], one[0, R_REST], one[0, R_STOPS] = flat.jobs[j, J_PICK], -1, 0, 2
    alone = flat._replace(riders=one, carried_n=np.zeros(1, dtype=np.int64))
    nothing = np.zeros(4, dtype=np.int64)

    def late(start_s: int) -> bool:
        one[0, R_FREE] = start_s
        return bool(insertion(alone, 0, nothing, 0, j)[1] < 0)

    if late(0) or flat.seconds[0, flat.jobs[j, J_PICK], flat.jobs[j, J_DROP]] < 0:
        return None
    low, high = 0, 86_400
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (low, middle - 1) if late(middle) else (middle, high)
    at_s = problem.now_s + low
    if low >= 86_400:
        return Relaxation(
            Reason.NO_RIDERS, "rider", problem.now_s, "at_s", "", "现在增加一名骑手", "one more rider now"
        )
    clock = datetime.fromtimestamp(at_s, UTC).strftime("%H:%M") + "Z"
    return Relaxation(
        Reason.NO_RIDERS,
        "rider",
        at_s,
        "at_s",
        "",
        f"最迟 {clock} 增加一名骑手",
        f"one more rider from {clock} at the latest",
    )

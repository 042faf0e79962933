"""The one compiled walk through a trip: every time, every rule that depends on the order of stops, and the cost.

All candidates, searches and plans are costed by this walk and nothing else, so they cannot disagree. The checker has
its own. A walk is `begin`, then `step` for each stop, then `finish`; `flat.state` carries it.
"""

from __future__ import annotations

from o2o.dispatch.planning.compiled import inlined, lean
from o2o.dispatch.planning.flat import (
    J_BORN,
    J_BOXES,
    J_DIRECT,
    J_DROP_S,
    J_DUE,
    J_G,
    J_LATEST,
    J_MAX_RIDE,
    J_ML,
    J_PICK,
    J_PICK_S,
    J_PRIORITY,
    J_READY,
    J_UNITS,
    R_BOXES,
    R_END,
    R_FREE,
    R_G,
    R_HANDICAP,
    R_HOME,
    R_INSIDE,
    R_LAST_PICK,
    R_LIFO,
    R_MIX,
    R_ML,
    R_PLACE,
    R_PROFILE,
    R_REST,
    R_REST_FROM,
    R_REST_LATEST,
    R_UNITS,
    S_ABOARD,
    S_ARRIVE,
    S_BAG,
    S_BOXES,
    S_BUSY,
    S_CARRIED,
    S_COLUMNS,
    S_ENTERED,
    S_EVENT,
    S_G,
    S_IDLE,
    S_LATE,
    S_ML,
    S_PLACE,
    S_REST_AT,
    S_RESTING,
    S_RIDE,
    S_RIDER,
    S_SLACK,
    S_STALE,
    S_T,
    S_UNITS,
    S_VERY,
    S_VISITS,
    S_WAIT,
    W_ABOARD,
    W_BUSY,
    W_IDLE,
    W_LATE,
    W_METRE,
    W_STAND,
    W_USE,
    W_VERY,
    W_VERY_AFTER,
    W_WAIT,
    Flat,
    Ints,
)
from o2o.dispatch.planning.reasons import CODE, Reason

FITS = CODE[Reason.FITS]
UNREACHABLE = CODE[Reason.UNREACHABLE]
BREAK_DUE = CODE[Reason.BREAK_DUE]
PICKUP_TOO_LATE = CODE[Reason.PICKUP_TOO_LATE]
WINDOW_MISSED = CODE[Reason.WINDOW_MISSED]
RIDE_TOO_LONG = CODE[Reason.RIDE_TOO_LONG]
SHIFT_ENDS = CODE[Reason.SHIFT_ENDS]
TOO_HEAVY = CODE[Reason.TOO_HEAVY]
TOO_BULKY = CODE[Reason.TOO_BULKY]
NO_BOX_FREE = CODE[Reason.NO_BOX_FREE]
HANDS_FULL = CODE[Reason.HANDS_FULL]
STORES_MIXED = CODE[Reason.STORES_MIXED]
LOADING_ORDER = CODE[Reason.LOADING_ORDER]
# Columns of `marks`.
M_TIME, M_COST, M_ARRIVE, M_START, M_EVENT, M_WAITS, M_RATE, M_GAPS, M_RIDES = range(9)
M_COLUMNS = 9


@lean
def survey(flat: Flat, r: int, seq: Ints, n: int, marks: Ints) -> int:
    """Verdict of rider row r riding `seq[:n]`; what it comes to is in `flat.state`, what it was on the way in `marks`.

    marks[k] before stop k, and marks[n] at the end: M_TIME, M_COST so far; of stop k itself M_ARRIVE, M_START (walked in,
    before waiting for goods) and M_EVENT; and of the stops from k on M_WAITS (what their customers' waiting costs),
    M_RATE (what a second later costs, at least), M_GAPS (seconds spent waiting for goods), M_RIDES (rides behind stop k).
    """
    s = flat.state
    begin(flat, r, n)
    for k in range(n + 1):
        marks[k, M_TIME], marks[k, M_COST], marks[k, M_WAITS] = s[S_T], total(s), s[S_WAIT] + s[S_LATE] + s[S_VERY]
        if k < n:
            visits, job = s[S_VISITS], flat.jobs[seq[k] >> 1]
            verdict = step(flat, r, seq[k])
            if verdict != FITS:
                return verdict
            marks[k, M_ARRIVE], marks[k, M_EVENT] = s[S_ARRIVE], s[S_EVENT]
            marks[k, M_START] = s[S_ARRIVE] + (flat.places[s[S_PLACE], 0] if s[S_VISITS] > visits else 0)
            marks[k, M_RATE] = (seq[k] & 1) * job[J_PRIORITY] * rate(flat, s[S_EVENT] - job[J_DUE])
        marks[k, M_RIDES] = s[S_RIDE]
    foresee(flat, r, n, marks)
    return finish(flat, r, n)


@inlined
def rate(flat: Flat, over: int) -> int:
    """What one more second costs a customer whose goods come `over` seconds after the promise."""
    w = flat.weights
    late = w[W_LATE] if over >= 0 else 0
    return int(w[W_WAIT] + late + (w[W_VERY] if over >= w[W_VERY_AFTER] else 0))


@inlined
def foresee(flat: Flat, r: int, n: int, marks: Ints) -> None:
    """Sum from each stop to the end. A job put in may put off a break, so that later stops come sooner: then nothing is."""
    known = 1 if flat.riders[r, R_REST] == 0 else 0
    for k in range(n):
        marks[k, M_WAITS] = known * (marks[n, M_WAITS] - marks[k, M_WAITS])
        marks[k, M_RIDES] = known * (marks[n, M_RIDES] - marks[k, M_RIDES])
    marks[n, M_WAITS] = marks[n, M_RIDES] = marks[n, M_RATE] = marks[n, M_GAPS] = 0
    for k in range(n - 1, -1, -1):
        marks[k, M_RATE] = marks[k + 1, M_RATE] + known * marks[k, M_RATE]
        marks[k, M_GAPS] = marks[k + 1, M_GAPS] + max(0, marks[k, M_EVENT] - marks[k, M_START])


@lean
def total(s: Ints) -> int:
    """The cost so far."""
    return int(s[S_WAIT] + s[S_LATE] + s[S_VERY] + s[S_BUSY] + s[S_IDLE] + s[S_RIDE] + s[S_STALE] + s[S_RIDER])


@inlined
def begin(flat: Flat, r: int, n: int) -> None:
    """Put the rider where it stands, with what it carries."""
    s = flat.state
    rider = flat.riders[r]
    for k in range(S_COLUMNS):
        s[k] = 0
    s[S_T], s[S_PLACE], s[S_ENTERED] = rider[R_FREE], rider[R_PLACE], rider[R_INSIDE]
    s[S_G], s[S_ML], s[S_BOXES], s[S_UNITS] = rider[R_G], rider[R_ML], rider[R_BOXES], rider[R_UNITS]
    s[S_RESTING] = 1 if rider[R_REST] > 0 else 0
    s[S_REST_AT], s[S_BAG], s[S_CARRIED] = -1, -1, flat.carried_n[r]
    for i in range(flat.carried_n[r]):
        j = flat.carried[r, i]
        load(flat, j, 1)
        flat.picked[j] = s[S_T]
    if n > 0 and flat.carried_n[r] == 0:
        s[S_RIDER] = flat.weights[W_USE] - flat.remote[rider[R_PLACE]] * flat.weights[W_STAND]


@inlined
def load(flat: Flat, j: int, sign: int) -> None:
    """Take job j on board (sign 1) or hand it out (sign -1)."""
    s = flat.state
    s[S_G] -= sign * flat.jobs[j, J_G]
    s[S_ML] -= sign * flat.jobs[j, J_ML]
    s[S_BOXES] -= sign * flat.jobs[j, J_BOXES]
    s[S_UNITS] -= sign * flat.jobs[j, J_UNITS]
    if sign == 1:
        flat.stack[s[S_ABOARD]] = j
    s[S_ABOARD] += sign


@inlined
def step(flat: Flat, r: int, stop: int) -> int:
    """Ride to one stop and do it; the verdict."""
    flat.tally[0] += 1
    j = stop >> 1
    drop = stop & 1
    p = flat.jobs[j, J_PICK + drop]
    s = flat.state
    if p != s[S_PLACE] or s[S_ENTERED] == 0:
        verdict = ride(flat, r, p)
        if verdict != FITS:
            return verdict
    else:
        s[S_ARRIVE] = s[S_T]
    if drop == 1:
        return hand_out(flat, r, j)
    return take_up(flat, r, j, p)


@inlined
def ride(flat: Flat, r: int, p: int) -> int:
    """Leave the place, rest if it is time and hands are empty, ride to place p and walk in."""
    s = flat.state
    rider = flat.riders[r]
    w = flat.weights
    if s[S_ENTERED] == 1:
        s[S_T] += flat.places[s[S_PLACE], 1]
        s[S_BUSY] += flat.places[s[S_PLACE], 1] * w[W_BUSY]
    if s[S_RESTING] == 1 and s[S_ABOARD] == 0 and s[S_T] >= rider[R_REST_FROM]:
        if s[S_T] > rider[R_REST_LATEST]:
            return BREAK_DUE
        s[S_REST_AT] = s[S_T]
        s[S_T] += rider[R_REST]
        s[S_RESTING] = 0
    leg = flat.seconds[rider[R_PROFILE], s[S_PLACE], p]
    if leg < 0:
        return UNREACHABLE
    s[S_T] += leg
    s[S_ARRIVE] = s[S_T]
    s[S_T] += flat.places[p, 0]
    s[S_BUSY] += (leg + flat.places[p, 0]) * w[W_BUSY]
    s[S_RIDE] += max(0, flat.metres[rider[R_PROFILE], s[S_PLACE], p]) * w[W_METRE]
    s[S_PLACE] = p
    s[S_ENTERED] = 1
    s[S_VISITS] += 1
    s[S_BAG] = -1
    return FITS


@inlined
def take_up(flat: Flat, r: int, j: int, p: int) -> int:
    """Wait for the goods and take them; waiting at the first place is slack, for the rider may leave later."""
    s = flat.state
    rider = flat.riders[r]
    w = flat.weights
    if s[S_ABOARD] > 0 and rider[R_MIX] == 0 and s[S_BAG] != p:
        return STORES_MIXED
    s[S_BAG] = p
    gap = flat.jobs[j, J_READY] - s[S_T]
    if gap > 0:
        s[S_T] += gap
        if s[S_VISITS] <= 1 and s[S_CARRIED] == 0:
            s[S_SLACK] += gap
        else:
            s[S_IDLE] += gap * w[W_IDLE]
            s[S_BUSY] += gap * w[W_BUSY]
    if s[S_T] > rider[R_LAST_PICK]:
        return PICKUP_TOO_LATE
    s[S_EVENT] = s[S_T]
    s[S_T] += flat.jobs[j, J_PICK_S]
    s[S_RIDER] += rider[R_HANDICAP]
    flat.picked[j] = s[S_T]
    load(flat, j, 1)
    if s[S_G] < 0:
        return TOO_HEAVY
    if s[S_ML] < 0:
        return TOO_BULKY
    if s[S_BOXES] < 0:
        return NO_BOX_FREE
    if s[S_UNITS] < 0:
        return HANDS_FULL
    return FITS


@inlined
def hand_out(flat: Flat, r: int, j: int) -> int:
    """Hand the goods over and count what the customer's time was worth."""
    s = flat.state
    w = flat.weights
    t = s[S_T]
    aboard = t - flat.picked[j]
    if t > flat.jobs[j, J_LATEST]:
        return WINDOW_MISSED
    if aboard > flat.jobs[j, J_MAX_RIDE]:
        return RIDE_TOO_LONG
    load(flat, j, -1)
    if flat.riders[r, R_LIFO] == 1 and not unstack(flat.stack, s[S_ABOARD], j):
        return LOADING_ORDER
    over = max(0, t - flat.jobs[j, J_DUE])
    s[S_WAIT] += max(0, t - flat.jobs[j, J_BORN]) * w[W_WAIT] * flat.jobs[j, J_PRIORITY]
    s[S_LATE] += over * w[W_LATE] * flat.jobs[j, J_PRIORITY]
    s[S_VERY] += max(0, over - w[W_VERY_AFTER]) * w[W_VERY] * flat.jobs[j, J_PRIORITY]
    s[S_STALE] += max(0, aboard - flat.jobs[j, J_DIRECT]) * w[W_ABOARD]
    s[S_EVENT] = t
    s[S_T] += flat.jobs[j, J_DROP_S]
    s[S_BAG] = -1
    return FITS


@inlined
def unstack(stack: Ints, top: int, j: int) -> bool:
    """Take j out of a stack whose highest entry is `top`; was it the highest?"""
    if stack[top] == j:
        return True
    k = top
    moved = stack[top]
    while k > 0:
        k -= 1
        held = stack[k]
        stack[k] = moved
        moved = held
        if held == j:
            break
    return False


@inlined
def finish(flat: Flat, r: int, n: int) -> int:
    """Walk out, rest if it is still owed, ride home if there is one; may the shift end so?"""
    s = flat.state
    rider = flat.riders[r]
    if n == 0:
        return FITS
    s[S_T] += flat.places[s[S_PLACE], 1]
    s[S_BUSY] += flat.places[s[S_PLACE], 1] * flat.weights[W_BUSY]
    if s[S_RESTING] == 1:
        s[S_REST_AT] = max(s[S_T], rider[R_REST_FROM])
        if s[S_REST_AT] > rider[R_REST_LATEST]:
            return BREAK_DUE
    if s[S_CARRIED] == 0:
        s[S_RIDER] += flat.remote[s[S_PLACE]] * flat.weights[W_STAND]
    if rider[R_HOME] >= 0:
        leg = flat.seconds[rider[R_PROFILE], s[S_PLACE], rider[R_HOME]]
        if leg < 0:
            return UNREACHABLE
        s[S_T] += leg
    return SHIFT_ENDS if s[S_T] > rider[R_END] else FITS

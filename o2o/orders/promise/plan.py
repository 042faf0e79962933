"""The fulfilment plan: from the basket to the doorstep, with the arrival we promise."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil, sqrt
from typing import Any

import msgspec

from o2o.kit.values import value
from o2o.orders.promise.paces import UNKNOWN, Paces, Stage, crowd_of
from o2o.orders.promise.policy import STANDARD, PromisePolicy


@value(frozen=True, slots=True)
class Load:
    """How busy a store and its riders are at this moment."""

    backlog_s: int
    """Work of the pick tasks not finished, by lines and weights."""
    riders: int
    """On shift in the store's area."""
    free_riders: int
    open_deliveries: int
    tasks: int | None = None
    """Pick tasks not finished; None where nobody counted."""
    hands: int = STANDARD.hands
    """Pickers on shift at the store."""
    rush_s: int = 0
    """What rush mode adds to every promise of the store."""


@value(frozen=True, slots=True)
class FulfilmentPlan:
    """One object from the basket to the doorstep: what we promise, execute, and later compare with what happened.

    For pickup `arrive_by` is when the order is surely ready. `slack_s` is how much later than expected it may go before the
    promise breaks. `spread_s` is how far off such a plan usually is. `load` and `planned_at` say what it was made from.
    """

    pick_start_at: datetime
    pick_end_at: datetime
    ready_at: datetime
    rider_at: datetime
    expected_at: datetime
    arrive_from: datetime
    arrive_by: datetime
    ride_s: int
    cost_fen: int
    slack_s: int
    spread_s: int = 0
    planned_at: datetime | None = None
    expected: dict[Stage, int] | None = None
    """Seconds that the load alone let expect of each stage."""
    planned: dict[Stage, int] | None = None
    """The same after what was learned."""
    load: Load | None = None
    agreed: bool = False
    """It arrives within a window that was agreed on, whenever the order is paid."""

    def shifted(self, by_s: int) -> "FulfilmentPlan":
        """The same plan, `by_s` seconds later: the clock of the promise starts when the order is paid."""
        if self.agreed:
            return self
        by = timedelta(seconds=by_s)
        return replace(
            self,
            pick_start_at=self.pick_start_at + by,
            pick_end_at=self.pick_end_at + by,
            ready_at=self.ready_at + by,
            rider_at=self.rider_at + by,
            expected_at=self.expected_at + by,
            arrive_from=self.arrive_from + by,
            arrive_by=self.arrive_by + by,
            planned_at=self.planned_at + by if self.planned_at else None,
        )

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    @staticmethod
    def from_json(data: dict[str, Any]) -> "FulfilmentPlan":
        """The plan again, whatever else is kept beside it; older ones say nothing of how they were made."""
        return msgspec.convert(data, FulfilmentPlan)


def pick_work_s(lines: int, weight_g: int, *, line_s: int = 0, policy: PromisePolicy = STANDARD) -> int:
    """Seconds one picker needs for so many lines of so much weight; `line_s` is the store's own pace, 0 when not known."""
    return policy.base_pick_s + lines * (line_s or policy.line_pick_s) + weight_g // policy.heavy_g * policy.heavy_s


def queue_s(load: Load, policy: PromisePolicy = STANDARD) -> int:
    """How long a task waits until a hand is free for it: none while there are more hands than tasks."""
    hands = max(load.hands, 1)
    ahead_s = load.backlog_s / hands
    if load.tasks:
        ahead_s *= max(0, load.tasks - hands + 1) / load.tasks
    return policy.idle_queue_s + round(ahead_s)


def crowding(load: Load, policy: PromisePolicy = STANDARD) -> float:
    """Deliveries open for each rider beyond those that wait for nobody."""
    if load.riders == 0:
        return policy.crowded_alone
    return min(max(0.0, load.open_deliveries / load.riders - policy.carried_at_ease), policy.crowded_most)


def rider_wait_s(load: Load, policy: PromisePolicy = STANDARD) -> int:
    """How long a packed order is expected to wait for its rider. He is called while the store picks."""
    return policy.idle_rider_s + round(crowding(load, policy) * policy.crowded_wait_s)


def on_the_way_s(load: Load, ride_s: int, policy: PromisePolicy = STANDARD) -> int:
    """The ride to the door, with the doors of others before it that a crowded rider calls at."""
    return ride_s + round(crowding(load, policy) * policy.crowded_ride_s)


def plan_delivery(
    *,
    now: datetime,
    work_s: int,
    load: Load,
    ride_s: int,
    distance_m: int,
    paces: Paces = UNKNOWN,
    policy: PromisePolicy = STANDARD,
) -> FulfilmentPlan:
    """The plan of an order carried to the door. `work_s` is its picking, `ride_s` the ride from store to door."""
    expected = {
        Stage.QUEUE: queue_s(load, policy),
        Stage.PICK: work_s,
        Stage.RIDER: rider_wait_s(load, policy),
        Stage.RIDE: on_the_way_s(load, ride_s, policy),
        Stage.DOOR: policy.door_s,
    }
    cost_fen = policy.fen_per_delivery + distance_m * policy.fen_per_km // 1000
    return _plan(now, expected, load, paces, ride_s, cost_fen, policy)


def plan_pickup(
    *, now: datetime, work_s: int, load: Load, paces: Paces = UNKNOWN, policy: PromisePolicy = STANDARD
) -> FulfilmentPlan:
    """The plan of an order the customer fetches: ready at the counter by `arrive_by`."""
    return _plan(now, {Stage.QUEUE: queue_s(load, policy), Stage.PICK: work_s}, load, paces, 0, 0, policy)


def scale_s(expected_s: float, policy: PromisePolicy = STANDARD) -> float:
    """What an error in a stage is a share of."""
    return max(expected_s, policy.hold_up_s)


def _plan(
    now: datetime,
    expected: dict[Stage, int],
    load: Load,
    paces: Paces,
    ride_s: int,
    cost_fen: int,
    policy: PromisePolicy,
) -> FulfilmentPlan:
    known = {stage: paces.pace(stage, policy) for stage in expected}
    planned = {stage: round(seconds * known[stage].factor) for stage, seconds in expected.items()}
    variance = sum((known[stage].share * scale_s(seconds, policy)) ** 2 for stage, seconds in planned.items())
    spread_s = sqrt(variance)
    at, ends = now, {}
    for stage, seconds in planned.items():
        at += timedelta(seconds=seconds)
        ends[stage] = at
    late_s = paces.margin(crowd_of(crowding(load, policy), policy), policy) * spread_s + load.rush_s
    by = _whole(at + timedelta(seconds=ceil(late_s)), policy.step_s)
    ready_at = ends[Stage.PICK]
    return FulfilmentPlan(
        pick_start_at=ends[Stage.QUEUE],
        pick_end_at=ready_at,
        ready_at=ready_at,
        rider_at=ends.get(Stage.RIDER, ready_at),
        expected_at=at,
        arrive_from=max(by - timedelta(seconds=policy.window_s), ready_at),
        arrive_by=by,
        ride_s=ride_s,
        cost_fen=cost_fen,
        slack_s=int((by - at).total_seconds()),
        spread_s=round(spread_s),
        planned_at=now,
        expected=expected,
        planned=planned,
        load=load,
    )


def _whole(at: datetime, step_s: int) -> datetime:
    over = at.timestamp() % step_s
    return at if over == 0 else at + timedelta(seconds=step_s - over)

"""The recipe: open with what is owed, hand out by matching, improve, and write down what must be given out now."""

from __future__ import annotations

from o2o.dispatch.planning import commitment, improving, matching, waiting
from o2o.dispatch.planning import draft as drafts
from o2o.dispatch.planning.plan import Plan
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.planning.problem import Problem


def solve(
    problem: Problem, policy: DispatchPolicy, seed: int, time_limit_s: float, stopped_at: int | None = None
) -> Plan:
    """The plan of one round: the same bytes for the same arguments, on any machine.

    Work is counted in steps granted by `time_limit_s` and the policy; the wall clock is an emergency stop only.
    `stopped_at` plays a plan again that the clock had cut short: the number of steps it had done.
    Raises ValueError on a problem that cannot be read (an id twice, a place that does not exist).
    """
    draft = drafts.begin(problem, policy)
    waiting.set_aside(problem, policy, draft)
    could = matching.assign(draft, passes=policy.matching_passes)
    work, cut_short = improving.improve(problem, policy, draft, seed, time_limit_s, stopped_at)
    trips = tuple(commitment.trip(problem, policy, draft, r) for r in range(len(problem.riders)) if draft.lens[r])
    deferred = waiting.deferred(problem, draft, could)
    cost = sum(t.cost for t in trips) + waiting.cost(draft)
    return Plan(problem.now_s, trips, deferred, cost, seed, work, cut_short).sealed()

"""The door of the engine."""
from collections.abc import Sequence
from dataclasses import dataclass

from o2o.dispatch.planning.search.problem import SearchProblem


@dataclass(frozen=True)
class Answer:
    """Routes found, and what they cost."""

    routes: list[list[int]]
    """One list of nodes per rider, in order: 2q = pick up request q, 2q+1 = drop it off."""
    left_out: list[int]
    """Requests in no route, ascending."""
    cost: float
    """Cost by the problem's own terms; `math.inf` if a request with infinite `skip_cost` is left out."""
    iterations: int


def improve(
    problem: SearchProblem, start: Sequence[Sequence[int]] | None = None, *, seed: int, iterations: int,
    seconds: float | None = None,
) -> Answer:
    """Better routes than `start` (or from nothing), never worse; the same answer for the same arguments.

    `iterations` is the budget (about 5,000 to 20,000 a second at 100 requests). `seconds` adds a wall-clock stop, for
    benchmarks only: with it the answer depends on the machine. Stops of `start` that break a hard rule are taken out
    and put back where they fit. Raises ValueError on arrays of wrong shape or a `start` that is not a set of routes.
    """
    raise ValueError((problem, start, seed, iterations, seconds))

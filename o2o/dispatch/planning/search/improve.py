"""The door of the engine."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from o2o.dispatch.planning.search.anneal import anneal, settle
from o2o.dispatch.planning.search.fleet import dissolve, easiest, shrink
from o2o.dispatch.planning.search.pack import MUST, empty_state, new_desk, pack, routes_of
from o2o.dispatch.planning.search.problem import SearchProblem
from o2o.dispatch.planning.search.recreate import put_back
from o2o.dispatch.planning.search.seating import flatten, seat
from o2o.dispatch.planning.search.state import ARC, State, copy_all, total

SETTINGS = (10.0, 10.0, 0.01, 0.1, 0.1, 10.0, 0.1)
"""Mean stops removed, longest string, blink rate (all as Christiaens and Vanden Berghe), shares of random and of alike
ruins, requests left over before that are tried again in an iteration, share of iterations that insert even at a loss."""
HOT, COLD = 0.5, 0.005
"""First and last temperature, in mean arcs of the start."""
FIRST_CHUNK, CHUNK_S = 20, 0.02
NEVER = 1 << 60
Clock = Callable[[], float]


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


class Search:
    """One search under way: the best routes so far, the present ones and those on trial."""

    def __init__(
        self,
        problem: SearchProblem,
        start: Sequence[Sequence[int]] | None,
        seed: int,
        clock: Clock = time.perf_counter,
    ) -> None:
        """Seats `start` and puts in what else fits. Raises ValueError as `improve` does."""
        self.clock = clock
        self.facts = pack(problem)
        self.desk = new_desk(self.facts, seed, SETTINGS)
        self.desk.blink[0] = NEVER
        self.now = empty_state(problem, self.facts, 0)
        self.iterations = 0
        nodes, begins = flatten(problem, start if start is not None else [()] * problem.riders)
        if problem.requests and problem.riders:
            seat(self.facts, self.now, self.desk, nodes, begins)
        self.trial, self.best = empty_state(problem, self.facts, 1), empty_state(problem, self.facts, 2)
        copy_all(self.now, self.trial)
        self.fill()

    def fill(self) -> None:
        """Puts every absent request, as they come, where it is cheapest, and makes all three sets of routes equal."""
        if len(self.facts.skip) and len(self.facts.fixed):
            put_back(self.facts, self.trial, self.desk, 0, 1.0)
            self.desk.blink[0] = 0
            settle(self.trial, self.now, self.desk)
        copy_all(self.now, self.best)

    def scale(self) -> float:
        """Mean cost of an arc of the present routes."""
        stops = 2 * int(self.now.served.sum())
        arcs = float(self.now.stop[: -len(self.facts.fixed), ARC].sum())
        return max(1e-6, arcs / stops) if stops else 1.0

    def run(self, iterations: int, hot: float, cold: float) -> None:
        """Anneals from `hot` to `cold`."""
        anneal(self.facts, self.now, self.trial, self.best, self.desk, iterations, hot, cold)
        self.iterations += iterations

    def run_until(self, deadline: float, iterations: int, hot: float, cold: float) -> None:
        """Anneals in chunks until `iterations` are done or the clock strikes."""
        begin, chunk, done = self.clock(), FIRST_CHUNK, 0
        now = begin
        while now < deadline and done < iterations:
            part = max((now - begin) / (deadline - begin), done / iterations)
            heat = hot * (cold / hot) ** part
            self.run(min(chunk, iterations - done), heat, heat)
            done += chunk
            then, now = now, self.clock()
            rate = chunk / max(1e-6, now - then)
            chunk = max(1, int(rate * min(CHUNK_S, max(0.001, 0.8 * (deadline - now)))))

    def fewer(self, deadline: float) -> None:
        """Dissolves one route after another until the clock strikes; `best` and `now` are the last complete set."""
        chunk, then = FIRST_CHUNK, self.clock()
        heat = HOT * self.scale() * 0.1
        while then < deadline:
            if self.now.absent[-1] == 0:
                copy_all(self.now, self.best)
                route = easiest(self.facts, self.now, self.desk)
                if route < 0:
                    break
                dissolve(self.facts, self.now, route)
                copy_all(self.now, self.trial)
            done = shrink(self.facts, self.now, self.trial, self.desk, chunk, heat)
            self.iterations += done
            now = self.clock()
            chunk = max(1, int(done / max(1e-6, now - then) * min(CHUNK_S, max(0.001, 0.8 * (deadline - now)))))
            then = now
        self.best.shut[:] = 0
        copy_all(self.best, self.now)
        copy_all(self.best, self.trial)
        self.desk.drifted[-1] = 0
        self.desk.adrift[:] = 0

    def answer(self) -> Answer:
        """The best routes so far."""
        left = sorted(self.best.absent[: self.best.absent[-1]].tolist())
        return Answer(routes_of(self.facts, self.best), left, self.cost(self.best), self.iterations)

    def cost(self, state: State) -> float:
        """Cost by the problem's own terms."""
        cost = float(total(self.facts, state))
        return math.inf if any(self.facts.skip[q] >= MUST for q in state.absent[: state.absent[-1]]) else cost


def improve(
    problem: SearchProblem,
    start: Sequence[Sequence[int]] | None = None,
    *,
    seed: int,
    iterations: int,
    seconds: float | None = None,
) -> Answer:
    """Better routes than `start` (or from nothing), never worse; the same answer for the same arguments.

    `iterations` is the budget (about 10,000 a second at 100 requests). `seconds` adds a wall-clock stop, for
    benchmarks only: with it the answer depends on the machine. Stops of `start` that break a hard rule are taken out
    and put back where they fit. Raises ValueError on arrays of wrong shape or a `start` that is not a set of routes.
    """
    begin = time.perf_counter()
    search = Search(problem, start, seed)
    if problem.requests and problem.riders and iterations > 0:
        scale = search.scale()
        if seconds is None:
            search.run(iterations, HOT * scale, COLD * scale)
        else:
            search.run_until(begin + seconds, iterations, HOT * scale, COLD * scale)
    return search.answer()


def fewest_then_cheapest(
    problem: SearchProblem,
    *,
    seed: int,
    seconds: float,
    share: float = 0.5,
    iterations: int = 1 << 40,
    clock: Clock = time.perf_counter,
) -> Answer:
    """As few routes as can be found in `share` of the time, then the cheapest: for public instances.

    All of `seconds` by `clock` is used unless `iterations` are done first. Raises ValueError as `improve` does.
    """
    begin = clock()
    search = Search(problem, None, seed, clock)
    if not (problem.requests and problem.riders):
        return search.answer()
    search.fewer(begin + share * seconds)
    scale = search.scale()
    search.run_until(begin + seconds, iterations, HOT * scale, COLD * scale)
    return search.answer()

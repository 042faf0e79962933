"""Fewer routes: one is dissolved, its requests wait outside, and ruin and recreate goes on until all are back in.

Routes hard to empty are told by counting how often each request was left over (absence counters: Christiaens and Vanden
Berghe 2020; penalty counters of Nagata and Braysy 2009).
"""

import math

from o2o.dispatch.planning.compiled import inner, lean
from o2o.dispatch.planning.search.anneal import price_of_changed, settle
from o2o.dispatch.planning.search.chance import uniform
from o2o.dispatch.planning.search.recreate import recreate
from o2o.dispatch.planning.search.ruin import Desk, ruin
from o2o.dispatch.planning.search.state import NOBODY, SUCC, Facts, State, refresh, remove


@lean
def easiest(f: Facts, s: State, desk: Desk) -> int:
    """The used route whose requests were left over least often, fewest requests first on ties; -1 = none is free."""
    choice, least = -1, math.inf
    requests, riders = len(f.skip), len(f.fixed)
    for r in range(riders):
        last, n = 2 * requests + riders + r, s.link[2 * requests + r, SUCC]
        weight = 0.0 if s.served[r] > 0 else math.inf
        while n != last:
            if n & 1:
                weight += math.inf if f.aboard[n >> 1] != NOBODY else desk.misses[n >> 1] + 1e-3
            n = s.link[n, SUCC]
        if weight < least:
            choice, least = r, weight
    return choice


@lean
def dissolve(f: Facts, s: State, r: int) -> None:
    """Empties route r for good; its requests are absent."""
    last = 2 * len(f.skip) + len(f.fixed) + r
    while s.link[last - len(f.fixed), SUCC] != last:
        remove(f, s, s.link[last - len(f.fixed), SUCC] >> 1)
    refresh(f, s, r)
    s.shut[r] = 1


@inner
def left_over(f: Facts, s: State, desk: Desk) -> int:
    """Sum of the absence counters of the absent."""
    missed = 0
    for i in range(s.absent[len(f.skip)]):
        missed += desk.misses[s.absent[i]]
    return missed


@lean
def shrink(f: Facts, now: State, trial: State, desk: Desk, iterations: int, temperature: float) -> int:
    """Ruin and recreate until nothing is absent from `now`; returns the iterations used.

    Fewer absent, or absent ones that were left over less often, are always better; else costs decide by annealing.
    """
    size = len(f.skip)
    missed = left_over(f, now, desk)
    for step in range(iterations):
        if now.absent[size] == 0:
            return step
        old = trial.absent[size]
        ruin(f, trial, desk)
        recreate(f, trial, desk, old)
        number, weight = trial.absent[size], left_over(f, trial, desk)
        better = number < now.absent[size] or weight < missed
        if number == now.absent[size] and weight == missed:
            change = price_of_changed(f, trial, desk) - price_of_changed(f, now, desk)
            better = change < -temperature * math.log(uniform(desk.rng))
        for i in range(number):
            desk.misses[trial.absent[i]] += 1
        if better:
            settle(trial, now, desk)
        else:
            settle(now, trial, desk)
        missed = left_over(f, now, desk)
    return iterations

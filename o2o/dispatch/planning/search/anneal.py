"""Simulated annealing over ruin and recreate (Schrimpf et al. 2000; Christiaens and Vanden Berghe 2020)."""

import math

from o2o.dispatch.planning.compiled import inner, lean
from o2o.dispatch.planning.search.chance import uniform
from o2o.dispatch.planning.search.recreate import recreate
from o2o.dispatch.planning.search.ruin import Desk, ruin
from o2o.dispatch.planning.search.state import Facts, State, copy_absent, copy_route, total


@lean
def settle(source: State, target: State, desk: Desk) -> None:
    """Copies the routes changed in this iteration and the absent from source to target, and forgets the changes."""
    size = len(desk.touched)
    for i in range(desk.changed[size]):
        copy_route(source, target, desk.changed[i])
        desk.touched[desk.changed[i]] = 0
    copy_absent(source, target)
    desk.changed[size] = 0


@inner
def price_of_changed(f: Facts, s: State, desk: Desk) -> float:
    """Cost of the changed routes and of the absent."""
    price = 0.0
    for i in range(desk.changed[len(desk.touched)]):
        price += s.price[desk.changed[i]]
    for i in range(s.absent[len(f.skip)]):
        price += f.skip[s.absent[i]]
    return price


@inner
def drift(desk: Desk) -> None:
    """Notes that the present set leaves the best one in the routes changed in this iteration."""
    size = len(desk.touched)
    for i in range(desk.changed[size]):
        r = desk.changed[i]
        if not desk.adrift[r]:
            desk.adrift[r] = 1
            desk.drifted[desk.drifted[size]] = r
            desk.drifted[size] += 1


@inner
def catch_up(now: State, best: State, desk: Desk) -> None:
    """Makes the best set the present one."""
    size = len(desk.touched)
    for i in range(desk.drifted[size]):
        copy_route(now, best, desk.drifted[i])
        desk.adrift[desk.drifted[i]] = 0
    copy_absent(now, best)
    desk.drifted[size] = 0


@lean
def anneal(
    f: Facts,
    now: State,
    trial: State,
    best: State,
    desk: Desk,
    iterations: int,
    hot: float,
    cold: float,
) -> float:
    """Improves `now` (trial equals it on entry and exit), keeps the best seen in `best`; returns the best's cost.

    The temperature falls geometrically from `hot` to `cold` over the iterations.
    """
    size = len(f.skip)
    worth = total(f, now)
    record = total(f, best)
    for step in range(iterations):
        temperature = hot * (cold / hot) ** (step / iterations)
        old = trial.absent[size]
        ruin(f, trial, desk)
        recreate(f, trial, desk, old)
        change = price_of_changed(f, trial, desk) - price_of_changed(f, now, desk)
        if change < -temperature * math.log(uniform(desk.rng)):
            worth += change
            drift(desk)
            settle(trial, now, desk)
            if worth < record - 1e-7:
                record = worth
                catch_up(now, best, desk)
        else:
            settle(now, trial, desk)
    return total(f, best)

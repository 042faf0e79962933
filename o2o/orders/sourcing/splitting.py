"""Sharing one order between stores: which stores, and which line from which, at the least total score. Exact, by CP-SAT. Pure.

Every line comes whole from one store. At most `most_shipments` stores; each parcel worth at least `least_part_fen` and no heavier
than one delivery may be. A store is reckoned with its times for the whole basket, so no part is promised before it can be there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from o2o.orders.sourcing import scores
from o2o.orders.sourcing.facts import Ask, Candidate
from o2o.orders.sourcing.policy import SourcingPolicy

EFFORT = 2.0
"""Bound of a search, in the solver's own deterministic seconds: the same on every machine, so a replay ends where the choice did."""
SEED = 7


class Site(NamedTuple):
    """A store that may take a part, with the numbers of its area."""

    candidate: Candidate
    policy: SourcingPolicy


class Share(NamedTuple):
    """One store's part: which candidate (its place among the sites), and which lines (their places in the basket)."""

    site: int
    lines: tuple[int, ...]


class Split(NamedTuple):
    """A way to share an order. `exact` is False only when the search ran into its bound before it had proved its answer."""

    shares: tuple[Share, ...]
    exact: bool


def split(sites: Sequence[Site], ask: Ask, policy: SourcingPolicy, *, seed: int = SEED) -> Split | None:
    """The best way to share the order between two stores or more; None where there is none. `policy` is the order's own."""
    if policy.most_shipments < 2 or ask.goods_fen < policy.least_split_fen or not ask.lines:
        return None
    keeps = [[_keeps(site.candidate, ask, nth) for nth in range(len(ask.lines))] for site in sites]
    if not all(any(row[nth] for row in keeps) for nth in range(len(ask.lines))):
        return None
    return _solved(sites, ask, policy, keeps, seed)


def terms(sites: Sequence[Site], shares: Sequence[Share], ask: Ask, policy: SourcingPolicy) -> dict[str, int]:
    """The score of a shared order by term: visits add up, each line waits for its own store, one fee is paid (the highest)."""
    total = dict.fromkeys(scores.TERMS, 0)
    waited = 0
    for share in shares:
        candidate, own = sites[share.site]
        for name, fen in scores.of_visit(candidate, ask, own).items():
            total[name] += fen
        waited += scores.waiting(candidate, own) * len(share.lines)
        total["fee"] = max(total["fee"], candidate.fee_fen)
        total["stock"] += sum(scores.last_pieces(candidate, ask, nth, own) for nth in share.lines)
        total["expiry"] += sum(scores.expiring(candidate, ask, nth, own) for nth in share.lines)
    total["promise"] = waited // len(ask.lines)
    total["split"] = policy.split_fen * (len(shares) - 1)
    return total


def _keeps(candidate: Candidate, ask: Ask, nth: int) -> bool:
    return candidate.left[nth] >= ask.lines[nth].quantity


def _solved(
    sites: Sequence[Site], ask: Ask, policy: SourcingPolicy, keeps: list[list[bool]], seed: int
) -> Split | None:
    # Imported where it is used: it takes a second and 70 MB, and most processes never share an order.
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    every, places = range(len(ask.lines)), range(len(sites))
    used = [model.new_bool_var(f"use{s}") for s in places]
    takes = {(s, n): model.new_bool_var(f"take{s}.{n}") for s in places for n in every if keeps[s][n]}
    fee = model.new_int_var(0, max(site.candidate.fee_fen for site in sites), "fee")
    for n in every:
        model.add_exactly_one([takes[s, n] for s in places if keeps[s][n]])
    for s, site in enumerate(sites):
        here = [n for n in every if keeps[s][n]]
        for n in here:
            model.add_implication(takes[s, n], used[s])
        model.add(sum(ask.lines[n].value_fen * takes[s, n] for n in here) >= max(1, policy.least_part_fen) * used[s])
        model.add(sum(ask.lines[n].weight_g * takes[s, n] for n in here) <= site.policy.heaviest_g)
        model.add(fee >= site.candidate.fee_fen * used[s])
    model.add(sum(used) <= policy.most_shipments)
    model.add(sum(used) >= 2)
    # The promise is a share per line, so all is reckoned in n-ths of a fen to stay in whole numbers.
    many = len(ask.lines)
    model.minimize(
        many * fee
        + sum(many * (sum(scores.of_visit(*_asked(site, ask)).values()) + policy.split_fen) * used[s] for s, site in enumerate(sites))
        + sum(_line(sites[s], ask, n, many) * take for (s, n), take in takes.items())
    )  # fmt: skip
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = EFFORT
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    lines = {s: tuple(n for n in every if (s, n) in takes and solver.value(takes[s, n])) for s in places}
    shares = tuple(Share(s, here) for s, here in lines.items() if here)
    return Split(shares, status == cp_model.OPTIMAL)


def _asked(site: Site, ask: Ask) -> tuple[Candidate, Ask, SourcingPolicy]:
    return site.candidate, ask, site.policy


def _line(site: Site, ask: Ask, nth: int, many: int) -> int:
    """What it costs, in n-ths of a fen, to take this line here once the store is visited."""
    candidate, own = site
    fixed = scores.last_pieces(candidate, ask, nth, own) + scores.expiring(candidate, ask, nth, own)
    return scores.waiting(candidate, own) + many * fixed

"""Choose disjoint (rider, job) pairs of least total cost: OR-Tools minimum-cost flow, one job a rider at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from o2o.dispatch.planning.draft import Draft
from o2o.dispatch.planning.flat import J_SKIP
from o2o.dispatch.planning.insertion import NOT_FOUND, extra_costs, insert, insertion

NEAREST = 24


def assign(draft: Draft, passes: int) -> npt.NDArray[np.bool_]:
    """Hand open jobs out, at most one a rider in each pass, until none fits or `passes` are done.

    Returns, for each job, whether some rider could have taken it before the others were handed out.
    """
    could = np.zeros(len(draft.rider_of), dtype=np.bool_)
    waiting = np.array(draft.open_jobs(), dtype=np.int64)
    for nth in range(passes):
        if not len(waiting) or not len(draft.lens):
            break
        extra = np.full((len(waiting), len(draft.lens)), NOT_FOUND, dtype=np.int64)
        seen = np.zeros(extra.shape, dtype=np.int8)
        extra_costs(draft.flat, draft.seqs, draft.lens, draft.allowed, waiting, extra, seen)
        if nth == 0:
            could[waiting] = (extra < NOT_FOUND).any(axis=1)
        pairs = cheapest(extra, draft.flat.jobs[waiting, J_SKIP])
        if not pairs:
            break
        for k, r in pairs:
            give(draft, int(waiting[k]), r)
        waiting = np.array([j for j in waiting if draft.rider_of[j] == -1], dtype=np.int64)
    return could


def give(draft: Draft, j: int, r: int) -> None:
    """Put job row j where it costs rider row r least; nothing happens if it does not fit."""
    cost, p, d, _verdict = insertion(draft.flat, r, draft.seqs[r], int(draft.lens[r]), j)
    if p >= 0:
        insert(draft.seqs[r], int(draft.lens[r]), j, p, d)
        draft.lens[r] += 2
        draft.costs[r] = cost
        draft.rider_of[j] = r


def cheapest(extra: npt.NDArray[np.int64], skip: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Pairs (row, column) of least total cost, each row and column at most once; a row may be skipped at its price."""
    count, riders = extra.shape
    row, column = _arcs(extra, skip)
    if not len(row):
        return []
    source, sink = 0, 1 + count + riders
    flow = min_cost_flow.SimpleMinCostFlow()
    every = np.arange(count)
    used = np.unique(column)
    tails = np.concatenate([np.full(count, source), 1 + row, 1 + every, 1 + count + used])
    heads = np.concatenate([1 + every, 1 + count + column, np.full(count, sink), np.full(len(used), sink)])
    costs = np.concatenate([np.zeros(count), extra[row, column], skip, np.zeros(len(used))]).astype(np.int64)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tails, heads, np.ones(len(tails), dtype=np.int64), costs)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([count, -count]))
    if flow.solve() != flow.OPTIMAL:
        return []
    chosen = flow.flows(arcs)[count : count + len(row)]
    return [(int(a), int(b)) for a, b in zip(row[chosen > 0], column[chosen > 0], strict=True)]


def _arcs(
    extra: npt.NDArray[np.int64], skip: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Worthwhile pairs; of a large table each row's cheapest and each column's cheapest, so that nobody is left out."""
    good = extra < skip[:, None]
    if extra.size > 250_000:
        keep = np.zeros(extra.shape, dtype=bool)
        near = min(NEAREST, extra.shape[1] - 1)
        np.put_along_axis(keep, np.argpartition(extra, near, axis=1)[:, :near], True, axis=1)
        few = min(NEAREST, extra.shape[0] - 1)
        np.put_along_axis(keep, np.argpartition(extra, few, axis=0)[:few], True, axis=0)
        good &= keep
    row, column = np.nonzero(good)
    return row, column

"""The inner loops of `zones`: an exact point-in-polygon test, and a hashed grid of cells that makes it rare. Compiled by numba.

A cell is addressed in *cell units*: u = (lon + 180) * columns per degree, v = (lat + 90) * rows per degree. An entry of a
cell is `zone * 2 + 1` where the zone's outline touches the cell, `zone * 2` where the whole cell lies inside.

The packed index is one int32 array, for handing over many arrays costs more than the search itself:
`[mask]`, the hash table of cells (column, row, first, end), then each cell's entries; an odd entry is followed by the range of
edges at the cell's height. Few and neighbouring reads, for at ten thousand zones the time goes into waiting for memory.
"""

import numpy as np
from numba import njit

SLACK = 1e-6
"""Cells. Far above rounding (1e-10), far below a cell: an outline this near to a cell counts as touching it."""
EMPTY = -1
HEADER = 1
_SIGN_BOUND = 3.3306690738754716e-16
_SPLITTER = 134217729.0


@njit(cache=True, inline="always")
def _two_product(a, b):  # type: ignore[no-untyped-def]
    """a * b as an unevaluated sum, without rounding (T. J. Dekker, Numerische Mathematik 18, 1971)."""
    p = a * b
    c = _SPLITTER * a
    ah = c - (c - a)
    al = a - ah
    c = _SPLITTER * b
    bh = c - (c - b)
    bl = b - bh
    return p, al * bl - (((p - ah * bh) - al * bh) - ah * bl)


@njit(cache=True)
def _exact_side(ax, ay, bx, by, cx, cy):  # type: ignore[no-untyped-def]
    """The sign of the orientation by exact sums (J. R. Shewchuk, Discrete & Computational Geometry 18, 1997, GROW-EXPANSION)."""
    parts = np.zeros(12)
    parts[0], parts[1] = _two_product(ax, by)
    parts[2], parts[3] = _two_product(-ay, bx)
    parts[4], parts[5] = _two_product(bx, cy)
    parts[6], parts[7] = _two_product(-by, cx)
    parts[8], parts[9] = _two_product(cx, ay)
    parts[10], parts[11] = _two_product(-cy, ax)
    whole = np.zeros(12)
    for n in range(12):
        carry = parts[n]
        for k in range(n):
            total = carry + whole[k]
            virtual = total - carry
            whole[k] = (carry - (total - virtual)) + (whole[k] - virtual)
            carry = total
        whole[n] = carry
    for n in range(11, -1, -1):
        if whole[n] != 0.0:
            return 1 if whole[n] > 0.0 else -1
    return 0


@njit(cache=True)
def side(ax, ay, bx, by, cx, cy):  # type: ignore[no-untyped-def]
    """Which side of the line a-b the point c lies on: 1 left, -1 right, 0 exactly on it."""
    left = (ax - cx) * (by - cy)
    right = (ay - cy) * (bx - cx)
    det = left - right
    bound = _SIGN_BOUND * (abs(left) + abs(right))
    if det > bound:
        return 1
    if det < -bound:
        return -1
    return _exact_side(ax, ay, bx, by, cx, cy)


@njit(cache=True)
def _covers(edges, first, last, x, y):  # type: ignore[no-untyped-def]
    """Whether the rings cover the point, outline included: even-odd count of crossings to the right, half-open in y."""
    inside = False
    for e in range(first, last):
        x1, y1, x2, y2 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        if x1 < x and x2 < x:
            continue
        if y1 == y and y2 == y:
            if min(x1, x2) <= x <= max(x1, x2):
                return True
            continue
        if (x2 == x and y2 == y) or (x1 == x and y1 == y):
            return True
        if (y1 > y) != (y2 > y):
            turn = side(x1, y1, x2, y2, x, y)
            if turn == 0:
                return True
            if (turn > 0) == (y2 > y1):
                inside = not inside
    return inside


@njit(cache=True, inline="always")
def _slot(column, row, mask):  # type: ignore[no-untyped-def]
    return ((np.int64(column) * 73856093) ^ (np.int64(row) * 19349663)) & mask


@njit(cache=True)
def _find(index, column, row):  # type: ignore[no-untyped-def]
    """Where in the packed index the cell (column, row, first entry, end of entries) stands, or -1."""
    mask = index[0]
    slot = _slot(column, row, mask)
    while True:
        at = HEADER + 4 * slot
        if index[at] == EMPTY:
            return -1
        if index[at] == column and index[at + 1] == row:
            return at
        slot = (slot + 1) & mask


@njit(cache=True)
def _gather(index, edges, at, x, y, found):  # type: ignore[no-untyped-def]
    """Writes the zones of the cell at `at` that cover the point into `found`, and returns how many."""
    count = 0
    n, end = index[at + 2], index[at + 3]
    while n < end:
        entry = index[n]
        if entry & 1:
            if _covers(edges, index[n + 1], index[n + 2], x, y):
                found[count] = entry >> 1
                count += 1
            n += 3
        else:
            found[count] = entry >> 1
            count += 1
            n += 1
    return count


@njit(cache=True)
def covering(index, edges, columns, rows, x, y, found):  # type: ignore[no-untyped-def]
    """Writes the zones that cover the point into `found`, ascending, and returns how many: boxing an array costs a microsecond.

    None cover what is not a finite pair of degrees.
    """
    if not (-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0):
        return 0
    row = np.int32((y + 90.0) * rows)
    at = _find(index, np.int32((x + 180.0) * columns), row)
    return _gather(index, edges, at, x, y, found) if at >= 0 else 0


@njit(cache=True)
def covering_many(index, edges, columns, rows, places):  # type: ignore[no-untyped-def]
    """(place, zone) pairs for an array of places, in the order of the places."""
    cells = np.empty(len(places), np.int64)
    most = 0
    for p in range(len(places)):
        row = np.int32((places[p, 1] + 90.0) * rows)
        cells[p] = _find(index, np.int32((places[p, 0] + 180.0) * columns), row)
        if cells[p] >= 0:
            most += index[cells[p] + 3] - index[cells[p] + 2]
    pairs = np.empty((2, most), np.int64)
    count = 0
    for p in range(len(places)):
        if cells[p] >= 0:
            x, y = places[p, 0], places[p, 1]
            some = _gather(index, edges, cells[p], x, y, pairs[1, count:])
            pairs[0, count : count + some] = p
            count += some
    return pairs[:, :count]


@njit(cache=True)
def bands(spans, edge_starts, zones, row_count):  # type: ignore[no-untyped-def]
    """For each row of each zone, the edges whose height range meets it: (row_starts, edge numbers). `spans` is in cell units."""
    row_starts = np.zeros(row_count + 1, np.int64)
    for fill in range(2):
        if fill:
            for n in range(row_count):
                row_starts[n + 1] += row_starts[n]
            nearby = np.empty(row_starts[row_count], np.int32)
            cursor = row_starts[:-1].copy()
        for zone in range(len(zones)):
            offset = zones[zone, 1] - zones[zone, 0]
            for e in range(edge_starts[zone], edge_starts[zone + 1]):
                low = np.int64(min(spans[e, 1], spans[e, 3]) - SLACK)
                high = np.int64(max(spans[e, 1], spans[e, 3]) + SLACK)
                for row in range(low, high + 1):
                    if fill:
                        nearby[cursor[row + offset]] = e
                        cursor[row + offset] += 1
                    else:
                        row_starts[row + offset + 1] += 1
    return row_starts, nearby


@njit(cache=True)
def _mark(touched, spans, first, last, west, south):  # type: ignore[no-untyped-def]
    """Marks every cell that an edge touches or comes within SLACK of."""
    for e in range(first, last):
        u1, v1, u2, v2 = spans[e, 0], spans[e, 1], spans[e, 2], spans[e, 3]
        for row in range(np.int64(min(v1, v2) - SLACK), np.int64(max(v1, v2) + SLACK) + 1):
            a, b = 0.0, 1.0
            if v1 != v2:
                a = min(1.0, max(0.0, (row - SLACK - v1) / (v2 - v1)))
                b = min(1.0, max(0.0, (row + 1 + SLACK - v1) / (v2 - v1)))
            ua, ub = u1 + a * (u2 - u1), u1 + b * (u2 - u1)
            for column in range(np.int64(min(ua, ub) - SLACK), np.int64(max(ua, ub) + SLACK) + 1):
                touched[row - south, column - west] = True


@njit(cache=True)
def _cell_inside(spans, nearby, first, last, u, v):  # type: ignore[no-untyped-def]
    inside = False
    for n in range(first, last):
        e = nearby[n]
        v1, v2 = spans[e, 1], spans[e, 3]
        if (v1 > v) != (v2 > v) and spans[e, 0] + (v - v1) / (v2 - v1) * (spans[e, 2] - spans[e, 0]) > u:
            inside = not inside
    return inside


@njit(cache=True)
def fill_cells(spans, edge_starts, zones, boxes, row_starts, nearby, keys, entries, bands_of):  # type: ignore[no-untyped-def]
    """Writes each zone's cells (key, entry, band) while there is room, and returns how many there are."""
    count = 0
    room = len(keys)
    for zone in range(len(zones)):
        west, south, east, north = boxes[zone, 0], boxes[zone, 1], boxes[zone, 2], boxes[zone, 3]
        touched = np.zeros((north - south + 1, east - west + 1), np.bool_)
        _mark(touched, spans, edge_starts[zone], edge_starts[zone + 1], west, south)
        for row in range(south, north + 1):
            band = zones[zone, 1] + row - zones[zone, 0]
            for column in range(west, east + 1):
                partly = touched[row - south, column - west]
                if not partly and not _cell_inside(
                    spans, nearby, row_starts[band], row_starts[band + 1], column + 0.5, row + 0.5
                ):
                    continue
                if count < room:
                    keys[count] = np.int64(column) << 32 | np.int64(row)
                    entries[count] = zone * 2 + (1 if partly else 0)
                    bands_of[count] = band
                count += 1
    return count


@njit(cache=True)
def pack(index, entries_at, keys, entries, bands_of, row_starts):  # type: ignore[no-untyped-def]
    """Fills the index from the sorted (cell, entry, band) triples; its hash table must be EMPTY, its mask set."""
    mask = index[0]
    to = entries_at
    n = 0
    while n < len(keys):
        key = keys[n]
        first = to
        while n < len(keys) and keys[n] == key:
            index[to] = entries[n]
            to += 1
            if entries[n] & 1:
                index[to], index[to + 1] = row_starts[bands_of[n]], row_starts[bands_of[n] + 1]
                to += 2
            n += 1
        column, row = np.int32(key >> 32), np.int32(key & 0xFFFFFFFF)
        slot = _slot(column, row, mask)
        while index[HEADER + 4 * slot] != EMPTY:
            slot = (slot + 1) & mask
        at = HEADER + 4 * slot
        index[at], index[at + 1], index[at + 2], index[at + 3] = column, row, first, to

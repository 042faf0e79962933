"""Reads the public pickup-and-delivery cases of Li and Lim (2003; also in VRPLIB form) and of Sartori and Buriol (2020)."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Case:
    """One case; node 0 is the depot, times and distances in the case's own unit."""

    name: str
    vehicles: int
    capacity: int
    travel: NDArray[np.float64]  # (N, N) time and cost of every arc
    demand: list[int]
    ready: list[float]
    due: list[float]
    service: list[float]
    pairs: list[tuple[int, int]]  # (pickup node, drop-off node)


def read(path: Path) -> Case:
    """The case in a file of either form; raises ValueError where it is neither."""
    text = path.read_text()
    if text.startswith("NAME"):
        return read_vrplib(path.stem, text) if "NODE_COORD_SECTION" in text else read_sartori(path.stem, text)
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or len(lines[0]) != 3 or any(len(line) != 9 for line in lines[1:]):
        raise ValueError(f"{path} is neither a Li and Lim nor a Sartori and Buriol case")
    points = np.array([[float(x) for x in line[1:3]] for line in lines[1:]])
    offset = points[:, None, :] - points[None, :, :]
    return build(path.stem, int(lines[0][0]), int(lines[0][1]), np.hypot(offset[..., 0], offset[..., 1]), lines[1:])


def read_sartori(name: str, text: str) -> Case:
    """The form with NODES and EDGES (whole minutes); as many vehicles as requests, for the form names none."""
    head, rest = text.split("NODES", 1)
    nodes, edges = rest.split("EDGES", 1)
    fields = dict(line.split(":", 1) for line in head.splitlines() if ":" in line)
    rows = [line.split() for line in nodes.splitlines() if line.strip()]
    travel = np.array(
        [[float(x) for x in line.split()] for line in edges.replace("EOF", "").splitlines() if line.strip()]
    )
    return build(name, len(rows) // 2, int(fields["CAPACITY"]), travel, rows)


def read_vrplib(name: str, text: str) -> Case:
    """The VRPLIB form of a Li and Lim case; nodes are numbered by their place in the file, the depot being 0."""
    head, *rest = re.split(r"^([A-Z_]+)_SECTION\s*$", text, flags=re.MULTILINE)
    fields = dict(line.split(":", 1) for line in head.splitlines() if ":" in line)
    sections = {
        title: [line.split() for line in body.splitlines() if line.strip() and line.strip() != "EOF"]
        for title, body in zip(rest[::2], rest[1::2], strict=True)
    }
    points = np.array([[float(x) for x in row[1:3]] for row in sections["NODE_COORD"]])
    offset = points[:, None, :] - points[None, :, :]
    rows = [
        [str(index), "", "", *row[1:5], *(str(max(0, int(x) - 1)) for x in row[5:7])]
        for index, row in enumerate(sections["PICKUP_AND_DELIVERY"])
    ]
    return build(name, int(fields["VEHICLES"]), int(fields["CAPACITY"]), np.hypot(offset[..., 0], offset[..., 1]), rows)


def build(name: str, vehicles: int, capacity: int, travel: NDArray[np.float64], rows: list[list[str]]) -> Case:
    """A case of rows: node, x, y, demand, ready, due, service, pickup-of, drop-off-of."""
    return Case(
        name=name,
        vehicles=vehicles,
        capacity=capacity,
        travel=travel,
        demand=[int(float(row[3])) for row in rows],
        ready=[float(row[4]) for row in rows],
        due=[float(row[5]) for row in rows],
        service=[float(row[6]) for row in rows],
        pairs=[(int(row[0]), int(row[8])) for row in rows if int(row[8]) > 0],
    )

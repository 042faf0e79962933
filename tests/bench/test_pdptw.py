import json
import sys
from pathlib import Path

import pytest

from bench import lilim, pdptw

LI_LIM = """2 10 1
0 0 0 0 0 100 0 0 0
1 3 4 5 0 50 2 0 2
2 6 8 -5 0 60 2 1 0
3 0 5 6 10 40 2 0 4
4 0 9 -6 0 60 2 3 0
"""
SARTORI = """NAME: two
LOCATION: nowhere
TYPE: PDPTW
SIZE: 5
CAPACITY: 10
NODES
0 1.0 1.0 0 0 100 0 0 0
1 1.0 1.0 5 0 50 2 0 3
2 1.0 1.0 6 10 40 2 0 4
3 1.0 1.0 -5 0 60 2 1 0
4 1.0 1.0 -6 0 60 2 2 0
EDGES
0 5 5 10 9
5 0 3 5 6
5 3 0 7 4
10 5 7 0 6
9 6 4 6 0
EOF
"""
VRPLIB = """NAME: two
TYPE: PDPTW
VEHICLES: 2
CAPACITY: 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
TIME_WINDOW_SECTION
1 0 100
2 0 50
3 0 60
PICKUP_AND_DELIVERY_SECTION
1 0 0 100 0 0 0
2 5 0 50 2 0 3
3 -5 0 60 2 2 0
DEPOT_SECTION
1
-1
EOF
"""


def li_lim(folder: Path) -> lilim.Case:
    """The case of two requests in Li and Lim's form."""
    path = folder / "two.txt"
    path.write_text(LI_LIM)
    return lilim.read(path)


def test_li_and_lim_files_are_read(tmp_path: Path) -> None:
    case = li_lim(tmp_path)
    assert (case.name, case.vehicles, case.capacity, case.pairs) == ("two", 2, 10, [(1, 2), (3, 4)])
    assert (case.travel[0, 1], case.travel[1, 2], case.travel[3, 4]) == (5.0, 5.0, 4.0)
    assert (case.ready[3], case.due[3], case.service[3], case.demand[3]) == (10.0, 40.0, 2.0, 6)


def test_sartori_and_buriol_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "two.txt"
    path.write_text(SARTORI)
    case = lilim.read(path)
    assert (case.capacity, case.pairs, case.travel[0, 3], case.demand[4]) == (10, [(1, 3), (2, 4)], 10.0, -6)


def test_vrplib_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "two.vrp"
    path.write_text(VRPLIB)
    case = lilim.read(path)
    assert (case.vehicles, case.capacity, case.pairs, case.travel[0, 2]) == (2, 10, [(1, 2)], 10.0)
    assert (case.demand, case.due, case.service) == ([0, 5, -5], [100.0, 50.0, 60.0], [0.0, 2.0, 2.0])


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("a,b,c\n1,2,3\n")
    with pytest.raises(ValueError, match="neither"):
        lilim.read(path)


@pytest.mark.parametrize(
    ("routes", "fault"),
    [
        ([[1, 2]], "not every stop"),
        ([[1, 2], [3, 4], [0]], "routes for 2 vehicles"),
        ([[2, 1], [3, 4]], "2 does not follow 1"),
        ([[1, 4], [3, 2]], "2 does not follow 1"),
        ([[1, 3, 2, 4]], "carries 11"),
        ([[3, 4, 1, 2], []], ""),
    ],
)
def test_the_checker_names_each_broken_rule(tmp_path: Path, routes: list[list[int]], fault: str) -> None:
    faults = pdptw.check(li_lim(tmp_path), routes)
    assert any(fault in line for line in faults) if fault else not faults


def test_the_checker_names_a_late_arrival(tmp_path: Path) -> None:
    (tmp_path / "late.txt").write_text(LI_LIM.replace("6 8 -5 0 60", "6 8 -5 0 11"))
    assert any(
        "reaches 2 at 12.000, due 11" in line
        for line in pdptw.check(lilim.read(tmp_path / "late.txt"), [[1, 2], [3, 4]])
    )


def test_a_case_is_played_checked_and_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    li_lim(tmp_path)
    out = tmp_path / "out"
    monkeypatch.setattr(sys, "argv", ["pdptw", str(tmp_path / "two.txt"), "--seconds", "0.2", "--solutions", str(out)])
    pdptw.main()
    line = json.loads(capsys.readouterr().out)
    assert (line["case"], line["vehicles"], line["feasible"]) == ("two", 1, True)
    text = (out / "two.sol").read_text()
    assert text.startswith("Route 1 : ")
    assert sorted(text.split(":")[1].split()) == ["1", "2", "3", "4"]
    assert line["distance"] == round(
        pdptw.distance(lilim.read(tmp_path / "two.txt"), [[*map(int, text.split(":")[1].split())]]), 2
    )

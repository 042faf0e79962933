"""A made-up day of two kitchens and two couriers, in the public files' form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import mdrp
from bench.mdrp_day import read

FILES = {
    "instance_parameters.txt": (
        "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t"
        "maximum click-to-door\tpay per order\tguaranteed pay per hour\n300\t4\t4\t40\t90\t10\t15\n"
    ),
    "restaurants.txt": "restaurant\tx\ty\nr1\t0\t0\nr2\t3000\t0\n",
    "couriers.txt": "courier\tx\ty\ton_time\toff_time\nc1\t0\t300\t0\t200\nc2\t3000\t301\t0\t200\n",
    "orders.txt": (
        "order\tx\ty\tplacement_time\trestaurant\tready_time\n"
        "o1\t0\t900\t5\tr1\t20\no2\t3000\t900\t5\tr2\t20\no3\t0\t1200\t6\tr1\t20\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    day = tmp_path / "small"
    day.mkdir()
    for name, text in FILES.items():
        (day / name).write_text(text)
    return day


def test_rides_are_whole_minutes_rounded_up(folder: Path) -> None:
    day = read(folder)
    assert day.travel.seconds[0, 0, day.couriers[0].place] == 60
    assert day.travel.seconds[0, 1, day.couriers[1].place] == 120
    assert (day.places[0].access_s, day.places[0].leave_s) == (120, 120)


def test_a_day_is_given_out_whole_lawfully_and_no_earlier_than_needed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mdrp.main([str(folder), "--plans", str(tmp_path / "out"), "--check"])
    said = json.loads(capsys.readouterr().out)["days"][0]
    assert (said["orders"], said["given"], said["unlawful_rounds"]) == (3, 3, 0)
    lines = [line.split() for line in (tmp_path / "out" / "small.txt").read_text().splitlines()]
    assert sorted(one for line in lines for one in line[2:]) == ["o1", "o2", "o3"]
    # Two couriers beside the kitchens, ready at 20, at most eleven minutes away: nobody need be told before 7.
    assert min(float(line[0]) for line in lines) >= 7

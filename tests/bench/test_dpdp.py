"""A made-up yard of three factories in a row and two trucks, in the public files' form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import dpdp
from bench.dpdp_day import read
from bench.dpdp_yard import Yard
from o2o.dispatch.planning.problem import Action, Stop

ORDERS = (
    "order_id,q_standard,q_small,q_box,demand,creation_time,committed_completion_time,load_time,unload_time,"
    "pickup_id,delivery_id\n"
    "a,1,0,0,1.0,00:05:00,04:05:00,240,240,f0,f1\n"
    "b,1,0,0,1.0,00:06:00,04:06:00,240,240,f0,f2\n"
    "c,20,0,0,20.0,00:07:00,00:07:00,4800,4800,f1,f2\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    day = tmp_path / "day_1"
    day.mkdir()
    (day / "3_1.csv").write_text(ORDERS)
    (day / "vehicle_info_2.csv").write_text("car_num,capacity,operation_time,gps_id\nV_1,15,24,G\nV_2,15,24,G\n")
    (tmp_path / "factory_info.csv").write_text(
        "factory_id,longitude,latitude,port_num\nf0,116,40,1\nf1,117,40,1\nf2,118,40,1\n"
    )
    routes = ["route_code,start_factory_id,end_factory_id,distance,time"]
    routes += [f"x,f{a},f{b},{10 * abs(a - b)},{600 * abs(a - b)}" for a in range(3) for b in range(3) if a != b]
    (tmp_path / "route_info.csv").write_text("\n".join(routes) + "\n")
    return tmp_path


def test_an_order_larger_than_a_truck_becomes_several_jobs(folder: Path) -> None:
    jobs = read(folder)[0].jobs
    assert [(job.id, job.volume_ml) for job in jobs] == [("a", 1_000), ("b", 1_000), ("c.1", 10_000), ("c.2", 10_000)]


def test_both_dispatchers_deliver_everything_lawfully(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dpdp.main([str(folder)])
    said = json.loads(capsys.readouterr().out)["days"][0]
    for who in ("planner", "nearest"):
        assert (said[who]["delivered"], said[who]["breaches"], said[who]["unlawful_plans"]) == (4, [], 0)
    assert said["planner"]["late_h"] <= said["nearest"]["late_h"]


def test_the_yard_writes_down_what_is_unloaded_against_the_order(folder: Path) -> None:
    yard = Yard.opened(read(folder)[0])
    yard.wheels["V_1"].stops = [Stop(one, what) for what in Action for one in ("a", "b")]
    yard.depart(600)
    yard.advance(86_400)
    assert yard.breaches == [
        "V_1 unloads a against last in, first out",
        "V_1 unloads b against last in, first out",
    ]

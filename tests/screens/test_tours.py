"""The way of a tour planned ahead: along the road, only for its area's dispatcher."""

import pytest
from fastapi.testclient import TestClient

from o2o.dispatch.models import Delivery
from o2o.dispatch.tours import timetable, touring
from o2o.infra.tools import Tools
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import STORE, Desk, Town
from tests.hands import Clock


@pytest.fixture
def desk(database: Database, tools: Tools, clock: Clock, client: TestClient) -> Desk:
    """An area with a store on the map, seen over HTTP."""
    town = Town(database, tools, clock, area_id=ids.new_id(), store_id=ids.new_id())
    town.on_the_map()
    return Desk(client, town)


def test_a_tour_s_way_leads_from_the_counter_through_its_doors(desk: Desk) -> None:
    town = desk.town
    town.a_rider()
    for north_m in (700, 1_300):
        order_id = town.a_delivery(north_m=north_m, minutes=150)
        with town.database.sessions() as db:
            db.get_one(Delivery, town.delivery(order_id).id).booked = True
    timetable.run(town.tools, area_id=town.area_id, now=town.clock(), policy=touring.POLICY)
    [tour] = desk.get(f"/areas/{town.area_id}/tours").json()["tours"]
    path = f"/screens/areas/{town.area_id}/tours/{tour['tour_id']}"
    told = desk.get(path).json()
    line = told["geometry"]["coordinates"]
    assert (told["estimated"], line[0], len(line)) == (True, [STORE.lon, STORE.lat], 3)  # no road is known in tests
    assert desk.get(path, "stranger").status_code == 403
    gone = desk.get(f"/screens/areas/{town.area_id}/tours/{ids.new_id()}")
    assert (gone.status_code, gone.json()["code"]) == (404, "screens.no_tour")

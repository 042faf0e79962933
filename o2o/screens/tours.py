"""A tour planned ahead as it will be ridden: its line along the road."""

import uuid
from itertools import groupby
from typing import Any

from fastapi import APIRouter

from o2o.dispatch import queries
from o2o.geo.lonlat import LonLat
from o2o.infra.http import Db, Dispatcher, ToolsDep, check_area
from o2o.kit.errors import NotFound
from o2o.kit.wire import Wire

router = APIRouter(prefix="/api/screens", tags=["screens"])


class NoTour(NotFound):
    """There is no such tour planned."""

    code = "screens.no_tour"


class TourWay(Wire):
    """A GeoJSON LineString through the tour's stops, None for fewer than two places; `estimated`: no road is known there."""

    geometry: dict[str, Any] | None
    estimated: bool


@router.get(
    "/areas/{area_id}/tours/{tour_id}", operation_id="tour_way", response_model=TourWay, summary="The way of a tour"
)
def tour_way(area_id: uuid.UUID, tour_id: uuid.UUID, caller: Dispatcher, db: Db, tools: ToolsDep) -> TourWay:
    """Along the road, one after the other; straight where no road leads."""
    check_area(caller, area_id)
    tour = next((one for one in queries.planned_tours(db, area_id=area_id) if one.tour_id == tour_id), None)
    if tour is None:
        raise NoTour(tour_id=tour_id)
    places = [place for place, _ in groupby(LonLat(stop.lon, stop.lat) for stop in tour.stops)]
    if len(places) < 2:
        return TourWay(geometry=None, estimated=True)
    ride = tools.roads.route(*places)
    return TourWay(geometry=ride.to_geojson(), estimated=ride.estimated)

"""What a rider may take: the load, skills, and the zone allowed to ride in; told to the planner as names of zones."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import shapely
from shapely.geometry import shape

from o2o.dispatch.carrying.sequence import Load
from o2o.dispatch.models import Delivery, Rider
from o2o.geo.lonlat import LonLat


def doors(delivery: Delivery) -> tuple[LonLat, LonLat]:
    """Where a delivery is taken and where it is brought."""
    return LonLat(delivery.pickup_lon, delivery.pickup_lat), LonLat(delivery.dropoff_lon, delivery.dropoff_lat)


def load_of(rider: Rider) -> Load:
    """What the rider may have on board at once."""
    return Load(rider.capacity_g, rider.max_jobs, rider.capacity_ml, rider.insulated_boxes)


def bar(rider: Rider, delivery: Delivery) -> str:
    """Why the rider may not take it whatever the load: `skill_missing`, `zone_not_allowed`, or "" for no reason."""
    if set(delivery.skills) - set(rider.skills):
        return "skill_missing"
    if rider.zone is None:
        return ""
    return "" if all(_covers(rider.zone, door) for door in doors(delivery)) else "zone_not_allowed"


class Zones:
    """Riders' zones as names: each place is named by all zones it lies in, a rider by all such names his zone is part of."""

    def __init__(self, zones: Iterable[Mapping[str, Any] | None], places: Iterable[LonLat]) -> None:
        """`places` are the doors of all deliveries at hand."""
        self._areas = {_name(zone): shape(dict(zone)) for zone in zones if zone is not None}
        self._names = {self.of(place) for place in places} if self._areas else set()

    def of(self, place: LonLat) -> str:
        """The name of a place; "" where no zone is."""
        inside = [name for name, area in self._areas.items() if shapely.intersects_xy(area, place.lon, place.lat)]
        return "+".join(sorted(inside))

    def allowed(self, zone: Mapping[str, Any] | None) -> tuple[str, ...]:
        """The names a rider of this zone may ride to; none at all for one who may ride anywhere."""
        if zone is None:
            return ()
        mine = _name(zone)
        return tuple(sorted({mine} | {name for name in self._names if mine in name.split("+")}))


def _covers(zone: Mapping[str, Any], place: LonLat) -> bool:
    return bool(shapely.intersects_xy(shape(dict(zone)), place.lon, place.lat))


def _name(zone: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(zone, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]

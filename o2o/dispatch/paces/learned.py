"""What was learned of how long things take, read: one statement for all areas asked about."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from o2o.dispatch.models import Pace as Row
from o2o.dispatch.paces import service_times
from o2o.dispatch.paces.service_times import Pace, ServiceTimes
from o2o.geo.lonlat import LonLat
from o2o.geo.travel import CITY_DAY

COUNTER, DOOR, RIDE, WAIT = "counter", "door", "ride", "wait"


def of_areas(
    db: Session, *, area_ids: Sequence[uuid.UUID], store_ids: Sequence[uuid.UUID], places: Sequence[LonLat] = ()
) -> dict[uuid.UUID, ServiceTimes]:
    """What is known in each area of these stores' counters, the doors at these places and the roads."""
    stores = {str(store_id) for store_id in store_ids}
    doors = {service_times.building(place) for place in places}
    wanted = or_(
        Row.kind == RIDE,
        and_(Row.kind.in_((COUNTER, WAIT)), Row.key.in_(["", *sorted(stores)])),
        and_(Row.kind == DOOR, Row.key.in_(["", *sorted(doors)])),
    )
    found: dict[uuid.UUID, dict[tuple[str, str], Row]] = defaultdict(dict)
    for row in db.scalars(select(Row).where(Row.area_id.in_(area_ids), wanted)):
        found[row.area_id][row.kind, row.key] = row
    return {area_id: _times(found[area_id]) for area_id in area_ids}


def times(
    db: Session, *, area_id: uuid.UUID, store_ids: Sequence[uuid.UUID] = (), places: Sequence[LonLat] = ()
) -> ServiceTimes:
    """As `of_areas`, for one."""
    return of_areas(db, area_ids=[area_id], store_ids=store_ids, places=places)[area_id]


def _times(rows: dict[tuple[str, str], Row]) -> ServiceTimes:
    usual = ServiceTimes()
    ride = rows.get((RIDE, ""))
    hours = {int(key): row.mean for (kind, key), row in rows.items() if kind == RIDE and key}
    return ServiceTimes(
        counters={uuid.UUID(key): _pace(row) for (kind, key), row in rows.items() if kind == COUNTER and key},
        doors={key: _pace(row) for (kind, key), row in rows.items() if kind == DOOR and key},
        usual_counter=_pace(rows[COUNTER, ""]) if (COUNTER, "") in rows else usual.usual_counter,
        usual_door=_pace(rows[DOOR, ""]) if (DOOR, "") in rows else usual.usual_door,
        speed=service_times.speed_by(hours, ride.mean) if ride else CITY_DAY,
        waits={uuid.UUID(key): _pace(row) for (kind, key), row in rows.items() if kind == WAIT and key},
        usual_wait=_pace(rows[WAIT, ""]) if (WAIT, "") in rows else usual.usual_wait,
        # As a share: an hour that is slower is as much less certain.
        ride_spread=ride.spread / ride.mean if ride else usual.ride_spread,
        rides=ride.count if ride else 0,
    )


def _pace(row: Row) -> Pace:
    return Pace(round(row.mean), round(row.spread), row.count)

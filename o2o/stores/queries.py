"""Reads for the stores' own pages, shaped as they go over the wire."""

from datetime import datetime

from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat
from o2o.kit.ids import StoreId
from o2o.stores import hours, places
from o2o.stores.coverage import serving
from o2o.stores.schemas.stores import AroundOut, NearOut, OpeningOut, OptionOut, StoreOut
from o2o.stores.snapshot import UNTIL_TOLD, StoreInfo


def shown(store: StoreInfo, now: datetime) -> StoreOut:
    """A store as it is at `now`."""
    open_now, opens_at = store.when_open(now)
    closed_until = store.closed_until if store.closed_until is not None and now < store.closed_until else None
    rush_s = store.rush_at(now)
    return StoreOut(
        id=store.id,
        code=store.code,
        name_zh=store.name_zh,
        name_en=store.name_en,
        lon=store.location.lon,
        lat=store.location.lat,
        address=store.address,
        area_id=store.area_id,
        timezone=store.timezone,
        open=store.open,
        open_now=open_now,
        opens_at=opens_at,
        closes_at=hours.closes_at(store.hours, now),
        pick_line_s=store.pick_line_s,
        phone=store.phone,
        rush_s=rush_s,
        rush_until=store.rush_until if rush_s else None,
        closed=closed_until is not None,
        closed_until=None if closed_until == UNTIL_TOLD else closed_until,
        hours=[OpeningOut.model_validate(opening) for opening in store.hours.openings],
    )


def one(db: Session, *, store_id: StoreId, now: datetime) -> StoreOut:
    """One store as it is at `now`."""
    return shown(places.get(db, store_id=store_id), now)


def around(db: Session, *, point: LonLat, limit: int, now: datetime) -> AroundOut:
    """Who delivers to a point, and where one could collect."""
    options = [_option(one) for one in serving.stores_serving(db, point=point, now=now)]
    near = [
        NearOut(store=shown(found.store, now), distance_m=found.distance_m, delivers=found.delivers)
        for found in serving.nearest(db, point=point, now=now, limit=limit)
    ]
    return AroundOut(serving=options, near=near)


def _option(option: serving.StoreOption) -> OptionOut:
    store, zone = option.store, option.zone
    return OptionOut(
        store_id=store.id,
        name_zh=store.name_zh,
        name_en=store.name_en,
        lon=store.location.lon,
        lat=store.location.lat,
        distance_m=option.distance_m,
        zone_id=zone.id,
        zone_name=zone.name,
        fee_fen=zone.fee_fen,
        min_basket_fen=zone.min_basket_fen,
        speed_s=zone.speed_s,
        arrives_from=None if zone.arrives is None else zone.arrives[0],
        arrives_until=None if zone.arrives is None else zone.arrives[1],
        opens_at=option.opens_at,
    )

"""HTTP of the stores: anybody may look for one, head office opens and shuts them."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from o2o.geo.lonlat import LonLat
from o2o.infra.http import Db, Hq, Now, Public
from o2o.kit.ids import StoreId
from o2o.stores import places, queries
from o2o.stores.schemas import AreaOut, AroundOut, StoreChange, StoreOut, ZoneOut

router = APIRouter(prefix="/api", tags=["stores"])

LonQuery = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, examples=[116.4612])]
LatQuery = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False, examples=[39.9087])]


@router.get(
    "/stores", operation_id="listStores", summary="All stores", response_model=list[StoreOut], dependencies=[Public]
)
def list_stores(db: Db, now: Now) -> list[StoreOut]:
    """By code."""
    return [queries.shown(store, now) for store in places.all_stores(db)]


@router.get(
    "/stores/near",
    operation_id="storesNear",
    summary="Who delivers to a point, and where to collect",
    response_model=AroundOut,
    dependencies=[Public],
)
def stores_near(
    db: Db, now: Now, lon: LonQuery, lat: LatQuery, limit: Annotated[int, Query(ge=1, le=50)] = 5
) -> AroundOut:
    """`serving` is empty outside every zone; `near` then names the stores to walk to."""
    return queries.around(db, point=LonLat(lon, lat), limit=limit, now=now)


@router.get(
    "/stores/{store_id}",
    operation_id="getStore",
    summary="One store",
    response_model=StoreOut,
    dependencies=[Public],
)
def get_store(db: Db, now: Now, store_id: uuid.UUID) -> StoreOut:
    """With its hours, and whether it is open at this moment."""
    return queries.one(db, store_id=StoreId(store_id), now=now)


@router.get(
    "/stores/{store_id}/zones",
    operation_id="getStoreZones",
    summary="Where a store delivers",
    response_model=list[ZoneOut],
    dependencies=[Public],
)
def get_zones(db: Db, store_id: uuid.UUID) -> list[ZoneOut]:
    """Outlines as GeoJSON in WGS84."""
    return queries.zones(db, store_id=StoreId(store_id))


@router.patch("/stores/{store_id}", operation_id="changeStore", summary="Open or shut a store", response_model=StoreOut)
def change_store(db: Db, now: Now, _: Hq, store_id: uuid.UUID, body: StoreChange) -> StoreOut:
    """Takes effect at once: no quote made after the answer counts on a store that was shut."""
    if body.open is not None:
        places.set_open(db, store_id=StoreId(store_id), open=body.open, now=now)
    if body.pick_line_s is not None:
        places.set_pace(db, store_id=StoreId(store_id), pick_line_s=body.pick_line_s, now=now)
    return queries.one(db, store_id=StoreId(store_id), now=now)


@router.get(
    "/areas", operation_id="listAreas", summary="All areas", response_model=list[AreaOut], dependencies=[Public]
)
def list_areas(db: Db) -> list[places.AreaInfo]:
    """By name."""
    return places.areas(db)

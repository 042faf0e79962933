"""HTTP of the stores: anybody may look for one, head office opens and shuts them."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from o2o.geo.lonlat import LonLat
from o2o.infra.http import Db, Hq, Keeper, Now, Public
from o2o.kit.errors import Refused
from o2o.kit.ids import StoreId
from o2o.kit.principal import Principal, Role
from o2o.stores import places, queries, switches
from o2o.stores.schemas.stores import (
    AreaOut,
    AroundOut,
    ChangeOut,
    CloseBody,
    OpenBody,
    RushBody,
    StoreChange,
    StoreOut,
)

router = APIRouter(prefix="/api", tags=["stores"])

LonQuery = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, examples=[116.4612])]
LatQuery = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False, examples=[39.9087])]


class NotYourStore(Refused):
    """Clerks switch their own store only."""

    code = "stores.not_your_store"


def own(caller: Principal, store_id: uuid.UUID) -> StoreId:
    """The store, if the caller may switch it."""
    if caller.role is Role.CLERK and caller.store_id != store_id:
        raise NotYourStore(field="store_id")
    return StoreId(store_id)


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


@router.patch("/stores/{store_id}", operation_id="changeStore", summary="Open or shut a store", response_model=StoreOut)
def change_store(db: Db, now: Now, caller: Hq, store_id: uuid.UUID, body: StoreChange) -> StoreOut:
    """Takes effect at once: no quote made after the answer counts on a store that was shut."""
    if body.open is not None:
        switches.set_open(db, store_id=StoreId(store_id), open=body.open, by=caller.account_id, now=now)
    if body.pick_line_s is not None:
        places.set_pace(db, store_id=StoreId(store_id), pick_line_s=body.pick_line_s, now=now)
    return queries.one(db, store_id=StoreId(store_id), now=now)


@router.post("/stores/{store_id}/rush", operation_id="rushStore", summary="Rush mode", response_model=StoreOut)
def rush_store(db: Db, now: Now, caller: Keeper, store_id: uuid.UUID, body: RushBody) -> StoreOut:
    """Every promise made from now on carries so much more; by head office or the store's own clerks."""
    store = own(caller, store_id)
    until, by = body.until, caller.account_id
    switches.rush(db, store_id=store, extra_s=body.extra_s, until=until, reason=body.reason, by=by, now=now)
    return queries.one(db, store_id=store, now=now)


@router.post(
    "/stores/{store_id}/close",
    operation_id="closeStore",
    summary="Close a store in an emergency",
    response_model=StoreOut,
)
def close_store(db: Db, now: Now, caller: Keeper, store_id: uuid.UUID, body: CloseBody) -> StoreOut:
    """No quote made after the answer counts on it; orders it has go on. By head office or the store's own clerks."""
    store = own(caller, store_id)
    switches.close(db, store_id=store, until=body.until, reason=body.reason, by=caller.account_id, now=now)
    return queries.one(db, store_id=store, now=now)


@router.post(
    "/stores/{store_id}/open", operation_id="openStore", summary="End an emergency closing", response_model=StoreOut
)
def open_store(db: Db, now: Now, caller: Keeper, store_id: uuid.UUID, body: OpenBody) -> StoreOut:
    """The store is open again within its hours; head office's switch stays as it is."""
    store = own(caller, store_id)
    switches.reopen(db, store_id=store, reason=body.reason, by=caller.account_id, now=now)
    return queries.one(db, store_id=store, now=now)


@router.get(
    "/stores/{store_id}/changes",
    operation_id="listStoreChanges",
    summary="What was switched at a store, by whom and why",
    response_model=list[ChangeOut],
)
def list_changes(
    db: Db, caller: Keeper, store_id: uuid.UUID, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[switches.Change]:
    """Newest first."""
    return switches.changes(db, store_id=own(caller, store_id), limit=limit)


@router.get(
    "/areas", operation_id="listAreas", summary="All areas", response_model=list[AreaOut], dependencies=[Public]
)
def list_areas(db: Db) -> list[places.AreaInfo]:
    """By name."""
    return places.areas(db)

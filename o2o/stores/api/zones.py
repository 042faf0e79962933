"""HTTP of zones: head office reads, draws, keeps, and takes back."""

import uuid

from fastapi import APIRouter, Response

from o2o.infra.http import Db, Hq, Now, Once, ToolsDep
from o2o.kit.ids import AreaId, StoreId
from o2o.stores import places
from o2o.stores.schemas.zones import RestoreBody, VersionOut, ZonesBody, ZonesOut, listed
from o2o.stores.zones import zone_lists
from o2o.stores.zones.zone_lists import Owner, Version

router = APIRouter(prefix="/api", tags=["zones"])

LARGEST_LIST = 4 * 1024 * 1024
"""Bytes of a list of zones: sixty outlines of thousands of corners."""


@router.get(
    "/stores/{store_id}/zones",
    operation_id="getStoreZones",
    summary="Where a store delivers",
    response_model=ZonesOut,
)
def get_zones(db: Db, _: Hq, store_id: uuid.UUID) -> ZonesOut:
    """Every zone with its inputs and what they come to."""
    store = places.get(db, store_id=StoreId(store_id))
    return listed(store_id, zone_lists.of(db, Owner(store_id=store.id)))


@router.put(
    "/stores/{store_id}/zones",
    operation_id="putStoreZones",
    summary="Change where a store delivers",
    response_model=ZonesOut,
    max_body_size=LARGEST_LIST,
)
def put_zones(
    db: Db, now: Now, caller: Hq, tools: ToolsDep, once: Once, store_id: uuid.UUID, body: ZonesBody
) -> Response:
    """The whole list instead of that of `version`; all of it or nothing. 409 when somebody was faster."""

    def work() -> ZonesOut:
        store = places.get(db, store_id=StoreId(store_id))
        drawn = zone_lists.resolved([zone.meant() for zone in body.zones], at=store.location, roads=tools.roads)
        owner, by = Owner(store_id=store.id), caller.account_id
        zone_lists.replace(db, owner=owner, zones=drawn, version=body.version, by=by, note=body.note, now=now)
        return listed(store_id, zone_lists.of(db, owner))

    return once(caller, work)


@router.get(
    "/stores/{store_id}/zones/history",
    operation_id="listZoneVersions",
    summary="Earlier lists of a store's zones",
    response_model=list[VersionOut],
)
def zone_history(db: Db, _: Hq, store_id: uuid.UUID) -> list[Version]:
    """Newest first."""
    return zone_lists.history(db, Owner(store_id=places.get(db, store_id=StoreId(store_id)).id))


@router.post(
    "/stores/{store_id}/zones/restore",
    operation_id="restoreStoreZones",
    summary="Put an earlier list of zones in force again",
    response_model=ZonesOut,
)
def restore_zones(db: Db, now: Now, caller: Hq, once: Once, store_id: uuid.UUID, body: RestoreBody) -> Response:
    """As it was then; it becomes a new version, so that this too can be undone."""

    def work() -> ZonesOut:
        owner = Owner(store_id=places.get(db, store_id=StoreId(store_id)).id)
        zone_lists.restore(db, owner=owner, back_to=body.back_to, version=body.version, by=caller.account_id, now=now)
        return listed(store_id, zone_lists.of(db, owner))

    return once(caller, work)


@router.get(
    "/areas/{area_id}/exclusions",
    operation_id="getAreaExclusions",
    summary="Where no store of an area delivers",
    response_model=ZonesOut,
)
def get_exclusions(db: Db, _: Hq, area_id: uuid.UUID) -> ZonesOut:
    """Lakes, campuses and the like, drawn once for all stores of the area."""
    area = places.get_area(db, area_id=AreaId(area_id))
    return listed(area_id, zone_lists.of(db, Owner(area_id=area.id)))


@router.put(
    "/areas/{area_id}/exclusions",
    operation_id="putAreaExclusions",
    summary="Change where no store of an area delivers",
    response_model=ZonesOut,
    max_body_size=LARGEST_LIST,
)
def put_exclusions(db: Db, now: Now, caller: Hq, once: Once, area_id: uuid.UUID, body: ZonesBody) -> Response:
    """The whole list instead of that of `version`. Each is `excluded`, and made of polygons and radii with a centre."""

    def work() -> ZonesOut:
        owner = Owner(area_id=places.get_area(db, area_id=AreaId(area_id)).id)
        drawn = zone_lists.resolved_exclusions([zone.meant() for zone in body.zones])
        by = caller.account_id
        zone_lists.replace(db, owner=owner, zones=drawn, version=body.version, by=by, note=body.note, now=now)
        return listed(area_id, zone_lists.of(db, owner))

    return once(caller, work)


@router.get(
    "/areas/{area_id}/exclusions/history",
    operation_id="listExclusionVersions",
    summary="Earlier lists of an area's exclusions",
    response_model=list[VersionOut],
)
def exclusion_history(db: Db, _: Hq, area_id: uuid.UUID) -> list[Version]:
    """Newest first."""
    return zone_lists.history(db, Owner(area_id=places.get_area(db, area_id=AreaId(area_id)).id))


@router.post(
    "/areas/{area_id}/exclusions/restore",
    operation_id="restoreAreaExclusions",
    summary="Put an earlier list of exclusions in force again",
    response_model=ZonesOut,
)
def restore_exclusions(db: Db, now: Now, caller: Hq, once: Once, area_id: uuid.UUID, body: RestoreBody) -> Response:
    """As it was then; it becomes a new version."""

    def work() -> ZonesOut:
        owner = Owner(area_id=places.get_area(db, area_id=AreaId(area_id)).id)
        zone_lists.restore(db, owner=owner, back_to=body.back_to, version=body.version, by=caller.account_id, now=now)
        return listed(area_id, zone_lists.of(db, owner))

    return once(caller, work)

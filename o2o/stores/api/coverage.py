"""HTTP of coverage: try zones out before they are kept, bring them in and out as files, and see who is left out."""

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from o2o.geo.datum import Datum
from o2o.infra import citydata
from o2o.infra.http import Db, Hq, Now, Once, ToolsDep
from o2o.kit.ids import AreaId, StoreId
from o2o.kit.wire import PlannedAt
from o2o.stores import places
from o2o.stores.api.zones import LARGEST_LIST
from o2o.stores.coverage import reporting
from o2o.stores.schemas.coverage import CoverageOut, ImportOut, drafted, planned, reported
from o2o.stores.schemas.zones import DraftBody, DraftOut
from o2o.stores.zone_files import importing, writing
from o2o.stores.zone_files.formats import MEDIA, MOST_BYTES, SUFFIX, Format
from o2o.stores.zones import zone_lists
from o2o.stores.zones.shapes import MOST_RADIUS_M, DriveTime

router = APIRouter(prefix="/api", tags=["zones"])

FormatQuery = Annotated[Format, Query(description="What the file is; a Shapefile comes as a zip of its parts.")]
DatumQuery = Annotated[Datum, Query(description="What the corners in the file refer to.")]
RepairQuery = Annotated[bool, Query(description="Mend outlines that can be mended instead of refusing them.")]
SureQuery = Annotated[bool, Query(description="The declared datum is right, however the zones lie.")]
File = Annotated[bytes, Body(media_type="application/octet-stream", description="The file's bytes.")]


@router.post(
    "/stores/{store_id}/zones/preview",
    operation_id="previewStoreZones",
    summary="What zones would come to, and whom they would reach",
    response_model=DraftOut,
    max_body_size=LARGEST_LIST,
)
def preview_zones(db: Db, _: Hq, tools: ToolsDep, store_id: uuid.UUID, body: DraftBody) -> DraftOut:
    """Nothing is kept. Homes are counted with windows left aside."""
    store = places.get(db, store_id=StoreId(store_id))
    meant = [zone.meant() for zone in body.zones]
    drawn = zone_lists.resolved(meant, at=store.location, roads=tools.roads)
    doors = citydata.doors(tools.settings.data_dir)
    each, gain = reporting.draft_gain(db, doors=doors, store_id=store.id, zones=drawn)
    ridden = any(isinstance(shape, DriveTime) for zone in meant for shape in zone.shapes)
    return drafted(drawn, each, gain, homes=len(doors), estimated=ridden and not tools.roads.ready())


@router.post(
    "/areas/{area_id}/exclusions/preview",
    operation_id="previewAreaExclusions",
    summary="Whom shared exclusions would leave out",
    response_model=DraftOut,
    max_body_size=LARGEST_LIST,
)
def preview_exclusions(db: Db, _: Hq, tools: ToolsDep, area_id: uuid.UUID, body: DraftBody) -> DraftOut:
    """Nothing is kept. Homes are those that any store of the area delivers to, with windows left aside."""
    area = places.get_area(db, area_id=AreaId(area_id))
    drawn = zone_lists.resolved_exclusions([zone.meant() for zone in body.zones])
    doors = citydata.doors(tools.settings.data_dir)
    each, gain = reporting.exclusion_gain(db, doors=doors, area_id=area.id, zones=drawn)
    return drafted(drawn, each, gain, homes=len(doors), estimated=False)


@router.post(
    "/zones/import/preview",
    operation_id="previewZoneImport",
    summary="Try a file of zones",
    response_model=ImportOut,
    max_body_size=MOST_BYTES,
)
def preview_import(
    db: Db,
    _: Hq,
    content: File,
    format: FormatQuery = Format.GEOJSON,
    datum: DatumQuery = Datum.WGS84,
    repair: RepairQuery = False,
    sure: SureQuery = False,
) -> ImportOut:
    """Nothing is kept; `problems` says everything that stands against it, feature by feature."""
    return planned(importing.plan(db, content, kind=format, datum=datum, repair=repair, sure=sure))


@router.post(
    "/zones/import",
    operation_id="importZones",
    summary="Take zones from a file",
    response_model=ImportOut,
    max_body_size=MOST_BYTES,
)
def import_zones(
    db: Db,
    now: Now,
    caller: Hq,
    once: Once,
    content: File,
    format: FormatQuery = Format.GEOJSON,
    datum: DatumQuery = Datum.WGS84,
    repair: RepairQuery = False,
    sure: SureQuery = False,
) -> Response:
    """Stores and areas named in the file get exactly its zones: all of it, or nothing and a list of problems."""

    def work() -> ImportOut:
        plan = importing.plan(db, content, kind=format, datum=datum, repair=repair, sure=sure)
        importing.apply(db, plan, by=caller.account_id, note=f"imported from {format.value}", now=now)
        return planned(plan)

    return once(caller, work)


@router.get(
    "/zones/export",
    operation_id="exportZones",
    summary="All zones as a file",
    response_class=Response,
    responses={200: {"content": {media: {} for media in MEDIA.values()}}},
)
def export_zones(
    db: Db,
    _: Hq,
    format: FormatQuery = Format.GEOJSON,
    datum: DatumQuery = Datum.WGS84,
    store_id: uuid.UUID | None = None,
) -> Response:
    """Of all stores and areas, or of one store."""
    content = writing.write(zone_lists.named(db, store_id=StoreId(store_id) if store_id else None), format, datum)
    name = f'attachment; filename="zones{SUFFIX[format]}"'
    return Response(content, media_type=MEDIA[format], headers={"Content-Disposition": name})


@router.get("/coverage", operation_id="getCoverage", summary="Who is left out", response_model=CoverageOut)
def get_coverage(
    db: Db,
    _: Hq,
    tools: ToolsDep,
    at: Annotated[PlannedAt | None, Query(description="At this moment; without it, whether ever.")] = None,
    store_id: uuid.UUID | None = None,
    radius_m: Annotated[int | None, Query(ge=50, le=MOST_RADIUS_M)] = None,
) -> CoverageOut:
    """Homes by how many stores deliver there, on a map and in numbers; and what a store would gain with a radius instead."""
    doors = citydata.doors(tools.settings.data_dir)
    moment: datetime | None = at
    found = reporting.coverage(db, doors=doors, at=moment)
    gain = None
    if store_id is not None:
        radius = radius_m or reporting.RADII_M[5]
        gain = reporting.radius_gain(db, doors=doors, store_id=StoreId(store_id), radius_m=radius)
    return reported(found, gain)

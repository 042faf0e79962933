"""Reports on coverage, and imports of zones, on the wire."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue

from o2o.kit.wire import Wire, example
from o2o.stores.coverage.reporting import Coverage, Gain, RadiusGain
from o2o.stores.schemas.zones import DraftOut, km2
from o2o.stores.zone_files.importing import Plan
from o2o.stores.zones.values import KeptZone

MOST_DRAWN = 500
"""Outlines an import shows."""
_STORE = "01976b2e-6f00-7abc-8def-000000000001"
_PATCH: dict[str, JsonValue] = {
    "type": "Feature",
    "properties": {"kind": "gap", "homes": 31, "unserved": 12},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[116.4, 39.9], [116.402, 39.9], [116.402, 39.902], [116.4, 39.9]]],
    },
}


class StoreReachOut(Wire):
    """One store's part of the coverage; `alone`: homes that nobody else delivers to."""

    store_id: uuid.UUID
    code: str
    name_zh: str
    name_en: str
    homes: int
    alone: int
    farthest_m: int
    area_km2: float


class RadiusOut(Wire):
    """A radius, the homes within it, and those of them that no other store delivers to."""

    radius_m: int
    homes: int
    alone: int


class GainOut(Wire):
    """What a store would gain with a radius instead of its zones, less what is excluded; `curve` for other radii."""

    store_id: uuid.UUID
    radius_m: int
    homes_before: int
    homes_after: int
    newly_served: int
    no_longer_served: int
    curve: list[RadiusOut]


class CoverageOut(Wire):
    """Homes by how many stores deliver to them; `share` of all. `map`: patches of kind gap, one, two, many.

    A cell of a patch (`cell_m` wide) is as its worst-served home; `unserved` counts homes nobody delivers to.
    """

    model_config = example(
        at=None,
        homes=2400,
        covered=[
            {"stores": 0, "homes": 12, "share": 0.005},
            {"stores": 1, "homes": 388, "share": 0.162},
            {"stores": 2, "homes": 900, "share": 0.375},
            {"stores": 3, "homes": 1100, "share": 0.458},
        ],
        stores=[
            {
                "store_id": _STORE,
                "code": "S001",
                "name_zh": "建国路店",
                "name_en": "Jianguo Road",
                "homes": 812,
                "alone": 40,
                "farthest_m": 2980,
                "area_km2": 11.42,
            }
        ],
        cell_m=150.0,
        map={"type": "FeatureCollection", "features": [_PATCH]},
        gain=None,
    )

    class Covered(Wire):
        """Homes that so many stores deliver to; 3 means three or more."""

        stores: int
        homes: int
        share: float

    at: datetime | None
    homes: int
    covered: list[Covered]
    stores: list[StoreReachOut]
    cell_m: float
    map: dict[str, Any]
    gain: GainOut | None


class ImportOut(Wire):
    """What an import does, or would do: each owner's zones before and after, what was mended, what stands against it."""

    model_config = example(
        owners=[
            {
                "store_id": _STORE,
                "area_id": None,
                "name": "S001",
                "version": 3,
                "before": 2,
                "after": 3,
            }
        ],
        mended=[{"feature": 2, "codes": ["geo.unclosed"]}],
        ignored_fields=["OBJECTID"],
        problems=[
            {
                "feature": 4,
                "store": "S002",
                "field": "geometry",
                "code": "geo.self_crossing",
                "message": "The outline crosses or touches itself (a bow-tie); `at` is the place.",
                "at": [116.4, 39.9],
            }
        ],
        map={"type": "FeatureCollection", "features": []},
    )

    class Owner(Wire):
        """One store (`name` is its code) or area of the file."""

        store_id: uuid.UUID | None
        area_id: uuid.UUID | None
        name: str
        version: int
        before: int
        after: int

    class Mended(Wire):
        """What was wrong with a feature's outline and has been put right, because it was asked."""

        feature: int
        codes: list[str]

    class Fault(Wire):
        """What stands against the import, as `code` and `message` say, with further facts of its kind.

        `feature` is the shape's number in the file, from 1. `at` is the place as [lon, lat] in the file's own datum where the fault
        has one, else which part, ring or corner in words; null where neither can be said.
        """

        model_config = ConfigDict(extra="allow")

        code: str
        message: str = ""
        feature: int | None = None
        store: str | None = None
        area: str | None = None
        field: str | None = None
        at: Annotated[tuple[float, float], Field(strict=False)] | str | None = None

    owners: list[Owner]
    mended: list[Mended]
    ignored_fields: list[str]
    problems: list[Fault]
    map: dict[str, Any]
    """The outlines the owners would have, as GeoJSON in WGS84 whatever the file was written in; the first 500."""


def reported(found: Coverage, gain: RadiusGain | None) -> CoverageOut:
    """The report as it goes over the wire."""
    covered = [
        CoverageOut.Covered(stores=n, homes=homes, share=round(homes / max(1, found.homes), 4))
        for n, homes in enumerate(found.by_stores)
    ]
    stores = [
        StoreReachOut(
            store_id=one.store.id,
            code=one.store.code,
            name_zh=one.store.name_zh,
            name_en=one.store.name_en,
            homes=one.homes,
            alone=one.alone,
            farthest_m=one.farthest_m,
            area_km2=one.area_km2,
        )
        for one in found.stores
    ]
    return CoverageOut(
        at=found.at,
        homes=found.homes,
        covered=covered,
        stores=stores,
        cell_m=found.cell_m,
        map=found.cells,
        gain=None if gain is None else _gained(gain),
    )


def drafted(drawn: Sequence[KeptZone], each: Sequence[int], gain: Gain, *, homes: int, estimated: bool) -> DraftOut:
    """Zones tried out, as they go over the wire; `each` counts the homes in each of them."""
    outlines = [
        DraftOut.Zone(polygon=kept.polygon, area_km2=km2(kept), homes=inside)
        for kept, inside in zip(drawn, each, strict=True)
    ]
    return DraftOut(
        zones=outlines,
        homes=homes,
        homes_before=gain.homes_before,
        homes_after=gain.homes_after,
        newly_served=gain.newly_served,
        no_longer_served=gain.no_longer_served,
        estimated=estimated,
    )


def _drawn(plan: Plan) -> dict[str, Any]:
    outlines = [
        {
            "type": "Feature",
            "properties": {"owner": one.name, "name": kept.zone.name, "excluded": kept.zone.excluded},
            "geometry": kept.polygon,
        }
        for one in plan.owners
        for kept in one.zones
    ]
    return {"type": "FeatureCollection", "features": outlines[:MOST_DRAWN]}


def planned(plan: Plan) -> ImportOut:
    """An import's plan as it goes over the wire."""
    owners = [
        ImportOut.Owner(
            store_id=one.owner.store_id,
            area_id=one.owner.area_id,
            name=one.name,
            version=one.version,
            before=one.before,
            after=len(one.zones),
        )
        for one in plan.owners
    ]
    problems = [ImportOut.Fault(**one) for one in plan.problems]
    mended = [ImportOut.Mended(feature=one["feature"], codes=one["codes"]) for one in plan.mended]
    return ImportOut(
        owners=owners, mended=mended, ignored_fields=plan.ignored_fields, problems=problems, map=_drawn(plan)
    )


def _gained(found: RadiusGain) -> GainOut:
    gain = found.gain
    return GainOut(
        store_id=found.store.id,
        radius_m=found.radius_m,
        homes_before=gain.homes_before,
        homes_after=gain.homes_after,
        newly_served=gain.newly_served,
        no_longer_served=gain.no_longer_served,
        curve=[RadiusOut(radius_m=radius, homes=all_, alone=alone) for radius, all_, alone in found.curve],
    )

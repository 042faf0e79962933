"""Writes zones as files: GeoJSON, GeoPackage, Shapefile; in WGS84, or in the datum a Chinese map program expects."""

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from o2o.geo.datum import Datum, ring_from_wgs84
from o2o.stores.hours import Opening, opening_text
from o2o.stores.zone_files.formats import FIELDS, WORLD, BadZoneFile, Format
from o2o.stores.zones.values import NamedZone

LONGEST_DBF_TEXT = 254


def write(zones: Sequence[NamedZone], kind: Format, datum: Datum) -> bytes:
    """The zones as one file, corners in `datum`.

    Raises:
        BadZoneFile: a text is longer than a Shapefile can hold.
    """
    features = [_feature(zone, datum) for zone in zones]
    if kind is Format.GEOJSON:
        whole = {"type": "FeatureCollection", "datum": datum.value, "features": features}
        return json.dumps(whole, ensure_ascii=False).encode()
    return _table(features, kind)


def _feature(named: NamedZone, datum: Datum) -> dict[str, Any]:
    zone = named.kept.zone
    start, end = zone.arrives or (None, None)
    fields = {
        "store": named.store,
        "area": named.area,
        "name": zone.name,
        "excluded": zone.excluded,
        "fee_fen": zone.fee_fen,
        "min_fen": zone.min_basket_fen,
        "speed_s": zone.speed_s,
        "from_time": None if start is None else f"{start:%H:%M}",
        "until_time": None if end is None else f"{end:%H:%M}",
        "windows": windows_text(zone.windows),
    }
    return {"type": "Feature", "geometry": _shifted(named.kept.polygon, datum), "properties": fields}


def _shifted(polygon: Mapping[str, Any], datum: Datum) -> dict[str, Any]:
    if datum is Datum.WGS84:
        return dict(polygon)

    def rings(found: Sequence[Any]) -> list[Any]:
        return [[list(corner) for corner in ring_from_wgs84(ring, datum)] for ring in found]

    nested = polygon["coordinates"]
    shifted = rings(nested) if polygon["type"] == "Polygon" else [rings(one) for one in nested]
    return {"type": polygon["type"], "coordinates": shifted}


def windows_text(windows: Sequence[Opening]) -> str:
    """Windows as one line, such as `01234 08:00-22:00; 56 18:00-02:00`: the weekdays (0 is Monday) that share a span."""
    days: dict[str, str] = {}
    for window in sorted(windows):
        span = opening_text(window)
        days[span] = days.get(span, "") + str(window.weekday)
    return "; ".join(f"{weekdays} {span}" for span, weekdays in days.items())


def _table(features: Sequence[Mapping[str, Any]], kind: Format) -> bytes:
    import geopandas

    rows = [feature["properties"] for feature in features]
    if kind is Format.SHP and any(len(str(row["windows"]).encode()) > LONGEST_DBF_TEXT for row in rows):
        raise BadZoneFile(field="format", reason="too_long_for_a_shapefile", text="windows")
    frame = geopandas.GeoDataFrame.from_features(features, crs=WORLD, columns=["geometry", *FIELDS])
    kinds = {"excluded": "boolean", "fee_fen": "Int64", "min_fen": "Int64", "speed_s": "Int64"}
    frame = frame.astype(kinds | {name: "string" for name in FIELDS if name not in kinds})
    with tempfile.TemporaryDirectory() as folder:
        if kind is Format.GPKG:
            path = Path(folder) / "zones.gpkg"
            frame.to_file(path, driver="GPKG", layer="zones", engine="pyogrio")
            return path.read_bytes()
        frame.astype({"excluded": "Int64"}).to_file(
            Path(folder) / "zones.shp", driver="ESRI Shapefile", engine="pyogrio", encoding="UTF-8"
        )
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
        return packed.getvalue()

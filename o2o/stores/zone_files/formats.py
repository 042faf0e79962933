"""Zones in files: GeoJSON, GeoPackage and Shapefile, as people's map programs read and write them.

One feature is one zone of a store (`store`: its code) or one exclusion of an area (`area`: its name). Field names fit the ten
letters a Shapefile has: name, excluded, fee_fen, min_fen, speed_s, from_time, until_time, windows. What is read here comes from
strangers: `reading` does it in a process of its own.
"""

import json
import re
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from o2o.geo.datum import Datum
from o2o.kit.errors import Invalid

FIELDS = ("store", "area", "name", "excluded", "fee_fen", "min_fen", "speed_s", "from_time", "until_time", "windows")
MOST_BYTES = 8 * 1024 * 1024
MOST_UNPACKED = 64 * 1024 * 1024
MOST_ENTRIES = 64
MOST_FEATURES = 20_000
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
SQLITE = b"SQLite format 3\0"
WORLD = "EPSG:4326"


class Format(StrEnum):
    """What a file is."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    SHP = "shp"


MEDIA = {
    Format.GEOJSON: "application/geo+json",
    Format.GPKG: "application/geopackage+sqlite3",
    Format.SHP: "application/zip",
}
SUFFIX = {Format.GEOJSON: ".geojson", Format.GPKG: ".gpkg", Format.SHP: ".zip"}


class BadZoneFile(Invalid):
    """This file cannot be taken as zones; `problems` or `reason` say why, and nothing was changed."""

    code = "stores.bad_zone_file"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a file: its GeoJSON geometry as it stands there, and its fields."""

    geometry: Mapping[str, Any]
    fields: Mapping[str, Any]


def read(file: Path, kind: Format, datum: Datum) -> list[Feature]:
    """All features of a file, nothing of them checked yet and nothing converted from `datum`.

    Raises:
        BadZoneFile: it is not what it is said to be, too large, or packed to do harm.
    """
    if file.stat().st_size > MOST_BYTES:
        raise BadZoneFile(field="file", reason="too_large", most_bytes=MOST_BYTES)
    if kind is Format.GEOJSON:
        return _from_geojson(file.read_bytes(), datum)
    if kind is Format.GPKG:
        if not file.read_bytes()[:16] == SQLITE:
            raise BadZoneFile(field="file", reason="not_a_geopackage")
        return _from_table(file)
    with tempfile.TemporaryDirectory() as folder:
        return _from_table(_unpacked(file, Path(folder)))


def _from_geojson(raw: bytes, datum: Datum) -> list[Feature]:
    try:
        whole = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadZoneFile(field="file", reason="not_json", said=str(error)[:120]) from None
    if not isinstance(whole, dict):
        raise BadZoneFile(field="file", reason="not_geojson")
    _refuse_other_crs(whole.get("crs"))
    if whole.get("datum", datum) != datum:
        raise BadZoneFile(field="datum", reason="datum_differs", file_says=str(whole["datum"])[:20])
    found = whole.get("features") if whole.get("type") == "FeatureCollection" else [whole]
    if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("type") == "Feature" for one in found):
        raise BadZoneFile(field="file", reason="not_geojson")
    return [_plain(one.get("geometry"), one.get("properties")) for one in _few(found)]


def _refuse_other_crs(crs: Any) -> None:
    """GeoJSON is in degrees; the old member `crs` may only say so."""
    if crs is not None and not re.search(r"(4326|CRS84)\b", str(crs)):
        raise BadZoneFile(field="file", reason="not_degrees", crs=str(crs)[:120])


def _from_table(path: Path) -> list[Feature]:
    import geopandas
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        frame = geopandas.read_file(path, engine="pyogrio", on_invalid="ignore", rows=MOST_FEATURES + 1)
    except (DataLayerError, DataSourceError, ValueError, UnicodeDecodeError) as error:
        raise BadZoneFile(field="file", reason="unreadable", said=str(error)[:160]) from None
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise BadZoneFile(field="file", reason="no_geometry")
    if frame.crs is not None and not frame.crs.is_geographic:
        frame = frame.to_crs(WORLD)
    fields = frame.drop(columns=frame.geometry.name).astype(object)
    rows = fields.where(fields.notna(), None).to_dict("records")
    shapes = (None if shape is None else shape.__geo_interface__ for shape in frame.geometry)
    return [_plain(shape, row) for shape, row in zip(shapes, _few(rows), strict=True)]


def _few[T](found: Sequence[T]) -> Sequence[T]:
    if len(found) > MOST_FEATURES:
        raise BadZoneFile(field="file", reason="too_many_features", most=MOST_FEATURES)
    return found


def _plain(geometry: Any, fields: Any) -> Feature:
    return Feature(geometry if isinstance(geometry, dict) else {}, fields if isinstance(fields, dict) else {})


def _unpacked(file: Path, folder: Path) -> Path:
    """The parts of the one Shapefile in an archive, under names of our own; whatever else lies in it is left there."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise BadZoneFile(field="file", reason="too_many_entries", most=MOST_ENTRIES)
            for entry in entries:
                _refuse_tricks(entry)
            parts = _parts(entries)
            left = MOST_UNPACKED
            for suffix, entry in parts.items():
                with archive.open(entry) as source:
                    content = source.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise BadZoneFile(field="file", reason="too_large_unpacked", most_bytes=MOST_UNPACKED)
                (folder / f"zones{suffix}").write_bytes(content)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise BadZoneFile(field="file", reason="not_a_zip", said=str(error)[:120]) from None
    return folder / "zones.shp"


def _refuse_tricks(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
        raise BadZoneFile(field="file", reason="path_leads_out", entry=entry.filename[:120])
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BadZoneFile(field="file", reason="link", entry=entry.filename[:120])
    if entry.flag_bits & 1:
        raise BadZoneFile(field="file", reason="encrypted", entry=entry.filename[:120])


def _parts(entries: Iterable[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The entries that belong to the one `.shp`, by suffix."""
    named = {PurePosixPath(entry.filename): entry for entry in entries if not entry.is_dir()}
    shapes = [path for path in named if path.suffix.lower() == ".shp" and path.parts[0] != "__MACOSX"]
    if len(shapes) != 1:
        raise BadZoneFile(field="file", reason="one_shapefile_wanted", found=len(shapes))
    stem = shapes[0].with_suffix("")
    parts = {path.suffix.lower(): entry for path, entry in named.items() if path.with_suffix("") == stem}
    if not {".shp", ".shx", ".dbf"} <= set(parts):
        raise BadZoneFile(field="file", reason="part_missing", wanted=[".shp", ".shx", ".dbf"])
    return {suffix: entry for suffix, entry in parts.items() if suffix in PARTS}

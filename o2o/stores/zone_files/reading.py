"""Reads a stranger's file of zones in a process of its own: bounded time, bounded memory, and no crash that reaches the house.

The child is this module run with one JSON request on its standard input; it answers one JSON line. Corners are checked and
converted there too, for a polygon can be made to take for ever as well as a file.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from o2o.geo import polygons
from o2o.geo.datum import Datum, ring_to_wgs84
from o2o.geo.lonlat import LonLat
from o2o.geo.polygons import BadPolygon
from o2o.stores.zone_files import formats
from o2o.stores.zone_files.formats import BadZoneFile, Format

SECONDS = 30
MEMORY_BYTES = 4 * 1024**3
MOST_CORNERS_IN_ALL = 200_000


@dataclass(frozen=True, slots=True)
class Read:
    """One feature: its fields, and either its polygon in WGS84 with what was mended, or the problem it has."""

    number: int
    fields: dict[str, Any]
    polygon: dict[str, Any] | None
    mended: list[str]
    problem: dict[str, Any] | None


def read(
    content: bytes, *, kind: Format, datum: Datum, repair: bool, stores: Mapping[str, LonLat], seconds: int = SECONDS
) -> list[Read]:
    """Every feature of a file, its polygon checked (or mended, if asked) and converted to WGS84.

    `stores` tells by code where each store is, which shows swapped corners.

    Raises:
        BadZoneFile: the file as a whole is of no use, or takes too long.
    """
    if len(content) > formats.MOST_BYTES:
        raise BadZoneFile(field="file", reason="too_large", most_bytes=formats.MOST_BYTES)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"zones{formats.SUFFIX[kind]}"
        file.write_bytes(content)
        asked = {"file": str(file), "kind": kind, "datum": datum, "repair": repair, "stores": stores}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "o2o.stores.zone_files.reading"],
                input=json.dumps(asked).encode(),
                capture_output=True,
                timeout=seconds,
                cwd=folder,
                env=_environment(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BadZoneFile(field="file", reason="takes_too_long", most_s=seconds) from None
    if done.returncode != 0:
        raise BadZoneFile(field="file", reason="unreadable", said=done.stderr.decode(errors="replace")[-200:])
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise BadZoneFile(**answer["refused"])
    return [Read(**one) for one in answer["features"]]


def _environment() -> dict[str, str]:
    """No secrets, no threads, and nothing of GDAL that reaches for a network."""
    root = str(Path(__file__).parents[3])
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": root, "OMP_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1", "CPL_CURL_ENABLE_VSIMEM": "NO", "GDAL_DISABLE_READDIR_ON_OPEN": "NO",
            "SHAPE_RESTORE_SHX": "NO", "NUMBA_DISABLE_JIT": "1", "LANG": "C.UTF-8"}  # fmt: skip


def main() -> None:
    """The child: reads the request, answers, ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked = json.load(sys.stdin)
    stores = {code: LonLat(*place) for code, place in asked["stores"].items()}
    try:
        found = here(
            Path(asked["file"]),
            kind=Format(asked["kind"]),
            datum=Datum(asked["datum"]),
            repair=asked["repair"],
            stores=stores,
        )
    except BadZoneFile as refused:
        print(json.dumps({"refused": refused.facts}))
        return
    print(json.dumps({"features": [asdict(one) for one in found]}, default=str))


def here(file: Path, *, kind: Format, datum: Datum, repair: bool, stores: Mapping[str, LonLat]) -> list[Read]:
    """The same in this process, for files that are not a stranger's.

    Raises:
        BadZoneFile: the file as a whole is of no use.
    """
    features = formats.read(file, kind, datum)
    _refuse_endless(features)
    return [_judged(n, feature, datum, repair, stores) for n, feature in enumerate(features, start=1)]


def _refuse_endless(features: list[formats.Feature]) -> None:
    """More corners than a whole city has are not looked at one by one."""
    corners = sum(_corners(feature.geometry.get("coordinates")) for feature in features)
    if corners > MOST_CORNERS_IN_ALL:
        raise BadZoneFile(field="file", reason="too_many_corners", corners=corners, most=MOST_CORNERS_IN_ALL)


def _corners(nested: Any) -> int:
    if not isinstance(nested, list | tuple) or not nested:
        return 0
    if isinstance(nested[0], list | tuple):
        return sum(_corners(inner) for inner in nested)
    return 1


def _judged(number: int, feature: formats.Feature, datum: Datum, repair: bool, stores: Mapping[str, LonLat]) -> Read:
    fields = {_told(name): _told(value) for name, value in feature.fields.items()}
    near = stores.get(str(fields.get("store")))
    polygon: dict[str, Any] | None = None
    mended: list[str] = []
    problem: dict[str, Any] | None = None
    try:
        if repair:
            done = polygons.repair(feature.geometry, near=near)
            polygon, mended = polygons.to_geojson(done.area), list(done.mended)
        else:
            polygon = polygons.to_geojson(polygons.area_from_geojson(feature.geometry, near=near))
        polygon = _in_wgs84(polygon, datum)
    except BadPolygon as bad:
        polygon, mended, problem = None, [], {"code": bad.code, "message": bad.message, **bad.facts}
    return Read(number, fields, polygon, mended, problem)


def _told(value: Any) -> Any:
    """A field as it can be told and kept: half characters become question marks, anything nested its text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _in_wgs84(polygon: dict[str, Any], datum: Datum) -> dict[str, Any]:
    """Converted, and checked again: neighbouring corners closer than the conversion is fine may cross."""
    if datum is Datum.WGS84:
        return polygon
    nested = polygon["coordinates"]
    parts = [nested] if polygon["type"] == "Polygon" else nested
    shifted = [[ring_to_wgs84([(lon, lat) for lon, lat in ring], datum) for ring in rings] for rings in parts]
    whole = {"type": "MultiPolygon", "coordinates": shifted}
    return polygons.to_geojson(polygons.repair(whole).area)


if __name__ == "__main__":
    main()

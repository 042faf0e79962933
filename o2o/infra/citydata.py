"""Where an imported city's files lie: one folder per import, and a link `current` that is swapped in one step."""

import csv
import json
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from o2o.geo.lonlat import LonLat


@dataclass(frozen=True, slots=True)
class CityFiles:
    """The files of one import. Any of them may be missing in a folder that is still being filled."""

    folder: Path

    @property
    def roads(self) -> Path:
        """Base path of the prepared road network; the engine adds its suffixes."""
        return self.folder / "roads" / "city.osrm"

    @property
    def has_roads(self) -> bool:
        """Whether the road network has been prepared to the end."""
        return self.roads.with_suffix(".osrm.hsgr").is_file()

    @property
    def base_map(self) -> Path:
        """The base map, one PMTiles file."""
        return self.folder / "city.pmtiles"

    @property
    def doors(self) -> Path:
        """CSV: id, lon, lat, label."""
        return self.folder / "doors.csv"

    @property
    def facts(self) -> Path:
        """JSON: name, bounds [west, south, east, north], centre, counts, source and licence."""
        return self.folder / "city.json"


def current(data_dir: Path) -> CityFiles | None:
    """The files of the city in force, or None before the first import. Asked for with every ride: one look at one link."""
    try:
        return _linked(data_dir, os.readlink(_link(data_dir)))
    except OSError:
        return None


@lru_cache(maxsize=8)
def _link(data_dir: Path) -> str:
    return os.path.join(data_dir, "city", "current")


@lru_cache(maxsize=8)
def _linked(data_dir: Path, name: str) -> CityFiles:
    return CityFiles((data_dir / "city" / name).resolve())


def fresh(data_dir: Path) -> CityFiles:
    """A new empty folder beside the current one, for an import to fill."""
    folder = data_dir / "city" / f"import-{secrets.token_hex(6)}"
    folder.mkdir(parents=True)
    return CityFiles(folder)


def publish(data_dir: Path, files: CityFiles) -> None:
    """Makes `files` the current ones by one rename, then removes older folders that nobody links to.

    A process that has the older road network open keeps it: removed files live until they are closed.
    """
    home = data_dir / "city"
    waiting = home / f"link-{secrets.token_hex(6)}"
    waiting.symlink_to(files.folder.name, target_is_directory=True)
    os.replace(waiting, home / "current")
    for other in home.glob("import-*"):
        if other.name != files.folder.name:
            shutil.rmtree(other, ignore_errors=True)


def discard(files: CityFiles) -> None:
    """Removes the folder of an import that did not come to its end."""
    shutil.rmtree(files.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Door:
    """A place an order can be brought to: its id on the map, where it is, and the line a rider reads."""

    id: str
    place: LonLat
    label: str


def save_doors(files: CityFiles, doors: Iterable[Door]) -> None:
    """Writes the doors of an import."""
    with files.doors.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("id", "lon", "lat", "label"))
        writer.writerows((d.id, f"{d.place.lon:.7f}", f"{d.place.lat:.7f}", d.label) for d in doors)


def doors(data_dir: Path) -> tuple[Door, ...]:
    """Every door of the city in force, in the order of their ids; none before the first import. Read once an import."""
    files = current(data_dir)
    return _doors(files.doors) if files is not None and files.doors.is_file() else ()


@lru_cache(maxsize=2)
def _doors(path: Path) -> tuple[Door, ...]:
    with path.open(encoding="utf-8", newline="") as source:
        rows = csv.DictReader(source)
        return tuple(Door(r["id"], LonLat(float(r["lon"]), float(r["lat"])), r["label"]) for r in rows)


def facts(data_dir: Path) -> dict[str, Any]:
    """What is known of the city in force; empty before the first import."""
    files = current(data_dir)
    return {} if files is None else read_facts(files)


def read_facts(files: CityFiles) -> dict[str, Any]:
    """What is known of one import; empty when nothing was written yet."""
    if not files.facts.is_file():
        return {}
    known: dict[str, Any] = json.loads(files.facts.read_text(encoding="utf-8"))
    return known


def write_facts(files: CityFiles, known: dict[str, Any]) -> None:
    """Writes the facts of an import, in one step."""
    draft = files.facts.with_suffix(".draft")
    draft.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(draft, files.facts)

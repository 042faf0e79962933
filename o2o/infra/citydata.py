"""Where an imported city's files lie: one folder per import, and a link `current` that is swapped in one step."""

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path


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
    def facts(self) -> Path:
        """JSON: name, bounds [west, south, east, north], centre, counts, source and licence."""
        return self.folder / "city.json"


def current(data_dir: Path) -> CityFiles | None:
    """The files of the city in force, or None before the first import."""
    link = data_dir / "city" / "current"
    return CityFiles(link.resolve()) if link.is_dir() else None


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

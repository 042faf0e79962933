"""Files that people send, behind one port: kept by what is in them, so nothing is ever written over."""

import hashlib
import os
from pathlib import Path
from typing import Protocol

from o2o.infra.settings import Settings


class Files(Protocol):
    """Keeps bytes under the SHA-256 of their content."""

    def put(self, content: bytes) -> str:
        """Keep it; again is fine. Returns the name: 64 hexadecimal digits."""

    def get(self, name: str) -> bytes | None:
        """What `put` named so; None when it is not there."""

    def drop(self, name: str) -> None:
        """Forget it; not there is fine."""


class DiskFiles:
    """On the local disk, or a volume several processes share."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """As `Files.put`; whole or not at all, also when the machine stops half-way."""
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}.{os.urandom(4).hex()}")
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        return name

    def get(self, name: str) -> bytes | None:
        """As `Files.get`."""
        path = self._path(name)
        return path.read_bytes() if path.exists() else None

    def drop(self, name: str) -> None:
        """As `Files.drop`."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise ValueError("a file is named by its SHA-256")
        return self._root / name[:2] / name


def open_files(settings: Settings) -> Files:
    """The files of this deployment."""
    return DiskFiles(settings.data_dir / "files")

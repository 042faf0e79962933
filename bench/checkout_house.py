"""A house of its own for a benchmark: durable PostgreSQL and Valkey in a new folder, a seeded city, API processes a port each.

Only processes started here are ever stopped, each by its own handle.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bench.watchman import ROOT, own_folder
from o2o.catalogue import goods
from o2o.catalogue.goods import ProductIn
from o2o.dispatch import riders
from o2o.dispatch.working import shifts
from o2o.geo.lonlat import LonLat, offset
from o2o.identity import accounts, sessions
from o2o.infra import embedded, migrating
from o2o.infra.db import make_engine, transaction
from o2o.infra.engines.home import home_of
from o2o.infra.settings import settings
from o2o.inventory.shelf import receiving
from o2o.inventory.shelf.receiving import ReceiptLine
from o2o.kit import ids
from o2o.kit.clock import utc_now
from o2o.kit.ids import AreaId, MemberId, StoreId
from o2o.kit.principal import Role
from o2o.membership import members
from o2o.orders.choices import rule_book
from o2o.stores import hours, places
from o2o.stores.zones.shapes import Radius
from o2o.tables import metadata

CENTRE = LonLat(116.46, 39.91)
SPACING_M, RADIUS_M = 3_000, 2_400
"""Stores stand so that most doors have one to three that serve them."""
DENSE_SPACING_M, DENSE_RADIUS_M = 250, 5_000
"""In a dense district every door has all of them."""
FAR_M, FAR_GOODS = 30_000, 10
"""Where the rest of a large city begins, and how many goods each of its stores has."""
TOKENS_LAST_S = 86_400
ENDLESS_QUEUES = {"sections": [{"set": {"most_backlog_s": 10_000_000, "longest_promise_s": 10_000_000}}]}


@dataclass(frozen=True, slots=True)
class City:
    """What the load needs to know of the seeded city."""

    stores: tuple[tuple[str, float, float], ...]
    """(id, lon, lat)."""
    skus: tuple[str, ...]
    tokens: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For the load process."""
        return {"stores": self.stores, "skus": self.skus, "tokens": self.tokens}


def hold_port() -> socket.socket:
    """A port of this machine nobody else gets while the socket is open: bound, but not listened on, so that a process which
    shares addresses, as servers do, can still listen there."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


@dataclass(slots=True)
class Api:
    """One API process on its port, which is kept for it while it is killed and started again."""

    env: Mapping[str, str]
    log: Path
    held: socket.socket = field(default_factory=hold_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def port(self) -> int:
        """Where it answers."""
        return int(self.held.getsockname()[1])

    def start(self, *, factory: str = "o2o.app:create_app") -> None:
        """Start it; `wait` says when it answers."""
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            factory,
            "--factory",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=dict(self.env), cwd=ROOT)

    def wait(self, timeout_s: float = 60) -> None:
        """Return once it answers ready.

        Raises:
            RuntimeError: it does not within `timeout_s`.
        """
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"the API on port {self.port} did not become ready: {self.log.read_text()[-2_000:]}")

    def stop(self) -> None:
        """End it in good order, or else at once, and give its port back."""
        self.held.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass(slots=True)
class House:
    """The running engines, the seeded city and the API processes."""

    data_dir: Path
    addresses: embedded.Addresses
    env: dict[str, str]
    city: City
    apis: list[Api] = field(default_factory=list)

    def api(self) -> Api:
        """Another API process, started on a port of its own."""
        added = Api(self.env, self.data_dir / f"api-{len(self.apis)}.log")
        self.apis.append(added)
        added.start()
        return added

    def postmaster(self) -> int:
        """The process id of our own PostgreSQL."""
        return int((home_of(self.data_dir).folder / "postgres" / "postmaster.pid").read_text().split()[0])


@contextmanager
def house(
    *, apis: int = 2, stores: int = 20, goods_count: int = 500, people: int = 400, stock: int = 1_000_000,
    scarce: int | None = None, dense: bool = False, city_stores: int = 0, patient: bool = False,
    more_env: Mapping[str, str] | None = None,
) -> Iterator[House]:  # fmt: skip
    """A house that is taken down and deleted at the end, or when this process ends before. Of each good a store has `stock`, of
    every fifth only `scarce`. `patient`: stores take orders however long their queues are."""
    with own_folder("o2o-bench-") as data_dir, embedded.engines(data_dir, durable=True) as addresses:
        env = _environment(data_dir, addresses) | dict(more_env or {})
        before = dict(os.environ)
        os.environ.update(env)
        settings.cache_clear()
        found: House | None = None
        try:
            make_schema(addresses.database_url)
            city = seed(
                addresses.database_url, stores=stores, goods_count=goods_count, people=people, stock=stock, scarce=scarce,
                dense=dense, city_stores=city_stores, patient=patient,
            )  # fmt: skip
            found = House(data_dir, addresses, os.environ | env, city)
            for _ in range(apis):
                found.api()
            for api in found.apis:
                api.wait()
            yield found
        finally:
            for api in found.apis if found is not None else ():
                api.stop()
            os.environ.clear()
            os.environ.update(before)
            settings.cache_clear()


def _environment(data_dir: Path, addresses: embedded.Addresses) -> dict[str, str]:
    return {
        "O2O_PROFILE": "test",
        "O2O_DATA_DIR": str(data_dir),
        "O2O_DATABASE_URL": addresses.database_url,
        "O2O_BROKER_URL": addresses.broker_url,
        "O2O_ACCESS_TOKEN_S": str(TOKENS_LAST_S),
        "O2O_OWN_CORE": "true",  # as `o2o up` sets it
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def make_schema(url: str) -> None:
    """The newest schema: by the migrations, and from the models what they do not make yet."""
    migrating.upgrade(url)
    engine = make_engine(url, pool_size=1)
    metadata.create_all(engine)
    engine.dispose()


def seed(
    url: str, *, stores: int, goods_count: int, people: int, stock: int, scarce: int | None = None, dense: bool = False,
    city_stores: int = 0, patient: bool = False,
) -> City:  # fmt: skip
    """Stores on a grid in one area, all goods in every store, riders on shift, members with tokens.

    `dense`: so near each other that all of them serve every door. `city_stores`: so many stores in all, the rest of them far off.
    `patient`: no queue is too long, for a load that orders on and on and nobody who picks.
    """
    engine = make_engine(url, pool_size=1, statement_timeout_ms=0)
    now = utc_now()
    skus = tuple(f"B{number:05d}" for number in range(goods_count))
    try:
        with transaction(engine) as db:
            area = places.save_area(db, name="bench")
            products = [_product(sku, number) for number, sku in enumerate(skus)]
            goods.save(db, products=products, now=now)
            wide = max(1, round(stores**0.5))
            spacing_m, radius_m = (DENSE_SPACING_M, DENSE_RADIUS_M) if dense else (SPACING_M, RADIUS_M)
            found = [
                _store(db, number, area, spacing_m * (number % wide), spacing_m * (number // wide), radius_m)
                for number in range(stores)
            ]
            for nth in range(20):
                rider_id = ids.new_id()
                riders.enrol(db, rider_id=rider_id, name=f"骑手{nth}", area_id=area, now=now)
                shifts.go_online(db, rider_id=rider_id, position=CENTRE, now=now)
            if patient:
                rules = rule_book.draft(db, document=ENDLESS_QUEUES, note="bench", by=None, now=now)
                rule_book.apply(db, rules_id=rules.id, at=None, by=None, now=now)
        for store_id, _, _ in found:
            with transaction(engine) as db:
                few = stock if scarce is None else scarce
                lines = [ReceiptLine(sku, stock if nth % 5 else few) for nth, sku in enumerate(skus)]
                receiving.receive(db, store_id=uuid.UUID(store_id), receipt_id=ids.new_id(), lines=lines, now=now)
        _rest_of_city(engine, area, skus[:FAR_GOODS], range(stores, city_stores))
        with transaction(engine) as db:
            tokens = tuple(_token(db, nth) for nth in range(people))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # Only what was filled: a table vacuumed while empty is planned for as if it stayed so.
            connection.exec_driver_sql("vacuum analyze products, stock_items, stock_entries, members, accounts")
    finally:
        engine.dispose()
    return City(tuple(found), skus, tokens)


def _product(sku: str, number: int) -> ProductIn:
    return ProductIn(
        sku=sku, barcode=None, name_zh=f"商品{number}", name_en=f"Good {number}", category="BENCH",
        price_fen=990 + 10 * (number % 300), weighed=False, weight_g=300,
    )  # fmt: skip


def _rest_of_city(engine: Engine, area: AreaId, skus: Sequence[str], numbers: Sequence[int]) -> None:
    """Stores that serve none of the doors asked for: what a process keeps of them, and their rows, are there all the same."""
    wide = max(1, round(len(numbers) ** 0.5))
    for first in range(0, len(numbers), 200):
        with transaction(engine) as db:
            for nth, number in list(enumerate(numbers))[first : first + 200]:
                east_m, north_m = FAR_M + SPACING_M * (nth % wide) // 3, SPACING_M * (nth // wide) // 3
                store_id, _, _ = _store(db, number, area, east_m, north_m, RADIUS_M)
                lines = [ReceiptLine(sku, 1_000) for sku in skus]
                receiving.receive(db, store_id=uuid.UUID(store_id), receipt_id=ids.new_id(), lines=lines, now=utc_now())


def _store(
    db: Session, number: int, area: AreaId, east_m: int, north_m: int, radius_m: int
) -> tuple[str, float, float]:
    place = offset(CENTRE, east_m=east_m, north_m=north_m)
    store_id = places.save_store(
        db,
        store=places.StoreIn(
            code=f"B{number:04d}",
            name_zh=f"{number} 号店",
            name_en=f"Store {number}",
            lon=place.lon,
            lat=place.lat,
            area_id=area,
        ),
        zones=[places.ZoneIn(shapes=(Radius(radius_m),), fee_fen=300)],
        hours=hours.every_day("00:00", "24:00"),
        now=utc_now(),
    )
    return str(StoreId(store_id)), place.lon, place.lat


def _token(db: Session, nth: int) -> str:
    now = utc_now()
    account = accounts.find_or_create_customer(db, phone=f"+86139{nth:08d}", name=f"顾客{nth}", now=now)
    members.open(db, member_id=MemberId(account), name=f"顾客{nth}", now=now)
    signed_in = sessions.begin(db, account_id=account, now=now)
    assert signed_in is not None
    assert signed_in.account.role is Role.CUSTOMER
    return signed_in.access_token

"""What every test may ask for: real engines, one private database and broker a process, a hand-set clock.

`db` is one session rolled back at the end. `database` is for tests that commit: real transactions on several
connections, emptied afterwards, and no derived number may differ from its ledger when such a test ends.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast
from unittest.mock import patch

import pytest
import redis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck
from hypothesis import settings as drawing
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from o2o import tables
from o2o.identity import passwords
from o2o.infra import settings as settings_module
from o2o.infra.db import make_engine, transaction
from o2o.infra.embedded import Addresses
from o2o.infra.roads import StraightRoads
from o2o.infra.tools import Tools
from tests import cluster
from tests.hands import Clock, Worker

Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Database:
    """A real committed database: `with database.sessions() as db:` is one transaction."""

    engine: Engine
    url: str

    def sessions(self) -> AbstractContextManager[Session]:
        """One transaction on a connection of its own, committed when the block ends well."""
        return transaction(self.engine)


drawing.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
drawing.register_profile("alike", drawing.get_profile("explore"), derandomize=True)
drawing.load_profile("alike")
"""Every run draws the same examples, and none has to be drawn or tried in so many milliseconds: what fails has been broken by a
change, not found by chance on a busy machine. To look for more: `pytest --hypothesis-profile explore`."""

LONGEST_FIRST = (
    "tests/properties/test_hall.py", "tests/bench/test_pdptw.py", "tests/web/", "tests/kills/", "tests/simulation/",
    "tests/infra/test_embedded.py", "tests/city/", "tests/journeys/",
)  # fmt: skip
"""So that at the end no core waits for another. The first two compile the two halves of the planner where nobody has yet, for half a
minute each: side by side, and before others want them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first."""
    late = len(LONGEST_FIRST)
    items.sort(key=lambda item: next((n for n, at in enumerate(LONGEST_FIRST) if item.nodeid.startswith(at)), late))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: no collection of garbage need ever look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A password is hashed slowly on purpose; a journey has six of them, and tests none of that."""
    with patch.object(passwords, "_hasher", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))):
        yield


@pytest.fixture(scope="session")
def addresses() -> Iterator[Addresses]:
    """Real PostgreSQL and Valkey; a database and a broker number of this process's own."""
    with (
        cluster.running() as shared,
        cluster.private_database(shared.database_url) as database_url,
        cluster.private_broker(shared.broker_url) as broker_url,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("O2O_PROFILE", "test")
        environment.setenv("O2O_GLANCE_S", "0")
        environment.setenv("O2O_DATABASE_URL", database_url)
        environment.setenv("O2O_BROKER_URL", broker_url)
        settings_module.settings.cache_clear()
        yield Addresses(database_url, broker_url)
        settings_module.settings.cache_clear()


@pytest.fixture(scope="session")
def _engine(addresses: Addresses) -> Iterator[Engine]:
    """Without the house's limit on waiting for a row: those who meet in a race wait as long as the machine takes for those before
    them, and how fast it is tests nothing. A circle of waits is still found by PostgreSQL, and a statement still ends in its time.
    """
    engine = make_engine(addresses.database_url, pool_size=40, lock_timeout_ms=0)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    """The hand-set clock; `clock()` and `clock.now` tell the time, `clock.advance(60)` lets a minute pass."""
    return Clock()


@pytest.fixture
def db(_engine: Engine) -> Iterator[Session]:
    """One session whose work is never committed."""
    with _engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


@pytest.fixture
def database(_engine: Engine, addresses: Addresses) -> Iterator[Database]:
    """A committed database, empty before and after; for races, relays, HTTP and tasks."""
    found = Database(_engine, addresses.database_url)
    yield found
    try:
        with found.sessions() as db:
            assert _differences(db) == []
    finally:
        empty(_engine)


@pytest.fixture
def sessions(database: Database) -> Sessions:
    """Transactions on connections of their own: `with sessions() as db:`."""
    return database.sessions


@pytest.fixture
def valkey(addresses: Addresses) -> Iterator["redis.Redis"]:
    """A client of this process's own Valkey database, empty before and after."""
    with redis.Redis.from_url(addresses.broker_url, decode_responses=True) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def tools(database: Database, valkey: "redis.Redis") -> Tools:
    """The sockets a follower, a duty or the application is given; roads are straight."""
    return Tools(engine=database.engine, valkey=valkey, roads=StraightRoads(), settings=settings_module.settings())


@pytest.fixture
def worker(tools: Tools, clock: Clock) -> Worker:
    """Runs what the worker and the timetable would run, inline and at the clock's time."""
    return Worker(tools, clock)


@pytest.fixture(scope="session")
def _front_door(_engine: Engine, addresses: Addresses) -> Iterator[TestClient]:
    from o2o.app import create_app

    chosen = settings_module.settings()
    with redis.Redis.from_url(addresses.broker_url, decode_responses=True) as valkey:
        sockets = Tools(engine=_engine, valkey=valkey, roads=StraightRoads(), settings=chosen)
        with TestClient(create_app(chosen, sockets)) as door:
            yield door


@pytest.fixture
def client(_front_door: TestClient, tools: Tools, clock: Clock) -> Iterator[TestClient]:
    """The real application over HTTP, on the committed database, at the clock's time."""
    app = cast(FastAPI, _front_door.app)
    app.state.clock = clock
    app.state.tools = tools
    yield _front_door
    _front_door.cookies.clear()


def _differences(db: Session) -> list[str]:
    from o2o.analytics import reconcile

    return reconcile.differences(db)


def empty(engine: Engine) -> None:
    """Delete all rows of the tables that have any: much quicker than truncating a hundred empty tables."""
    names = [table.name for table in tables.metadata.sorted_tables]
    with engine.begin() as connection:
        asked = " union all ".join(f"select '{name}' where exists (select from \"{name}\")" for name in names)
        used = connection.execute(text(asked)).scalars().all()
        connection.execute(text("set local session_replication_role = replica"))  # no triggers, no foreign keys
        for name in used:
            connection.execute(text(f'delete from "{name}"'))

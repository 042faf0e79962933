"""The schema moves by migrations alone: they agree with the models, go down and up again, and wait for each other."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from o2o.cli import ground
from o2o.infra import migrating
from o2o.infra.embedded import Addresses
from o2o.infra.settings import Settings


@pytest.fixture
def empty(addresses: Addresses, tmp_path: Path) -> Iterator[str]:
    chosen = Settings(data_dir=tmp_path, database_url=addresses.database_url, broker_url=addresses.broker_url)
    with ground.scratch_database(chosen, f"test_{os.getpid()}_migrating") as url:
        yield url


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_models_and_migrations_agree(empty: str) -> None:
    migrating.upgrade(empty)
    assert migrating.drift(empty) == []


def test_migrations_go_all_the_way_down_and_up_again(empty: str) -> None:
    migrating.upgrade(empty)
    there = tables(empty)
    migrating.downgrade(empty, to="base")
    assert tables(empty) == {"alembic_version"}
    migrating.upgrade(empty)
    assert tables(empty) == there
    assert len(there) > 30


def test_two_migrations_at_once_wait_for_each_other(empty: str) -> None:
    failures: list[BaseException] = []

    def upgrade() -> None:
        try:
            migrating.upgrade(empty)
        except Exception as failure:
            failures.append(failure)

    both = [threading.Thread(target=upgrade) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert failures == []
    assert migrating.drift(empty) == []

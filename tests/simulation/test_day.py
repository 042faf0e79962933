"""A stretch of a simulated day: everything adds up, and the same seed gives the same day."""

import json
import os
import subprocess
import sys
from pathlib import Path

from o2o.infra.embedded import Addresses
from tests.conftest import Database, empty

STRETCH = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
import redis
from o2o.city import importing
from o2o.city.demo import seeding
from o2o.infra.db import make_engine, transaction
from o2o.infra.roads import open_roads
from o2o.infra.settings import Settings
from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.simulation import run

folder, url, broker, seed = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
noon = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
settings = Settings(profile="test", data_dir=folder, database_url=url, broker_url=broker)
engine = make_engine(url, pool_size=4)
with ids.use(ids.seeded(seed, lambda: noon)):
    with transaction(engine) as db:
        importing.import_city(db, importing.demo_extract(), data_dir=folder, now=noon)
    with transaction(engine) as db:
        seeding.seed_demo(db, data_dir=folder, seed=seed, now=noon, riders_wanted=12, members_wanted=30)
with redis.Redis.from_url(broker, decode_responses=True) as valkey:
    valkey.flushdb()
    tools = Tools(engine=engine, valkey=valkey, roads=open_roads(settings), settings=settings)
    report = run.day(tools, seed=seed, begins=noon, hours=0.15, orders_a_day=2_000, winding_down_s=1_500)
engine.dispose()
print(json.dumps(report, sort_keys=True))
"""


def stretch(database: Database, broker_url: str, folder: Path, *, seed: int, hash_seed: int) -> str:
    """Nine minutes of noon orders and 25 to finish them, in a process of its own with hashes of its own."""
    arguments = [sys.executable, "-c", STRETCH, str(folder), database.url, broker_url, str(seed)]
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
    ran = subprocess.run(arguments, capture_output=True, text=True, env=environment, timeout=1_200, check=False)
    assert ran.returncode == 0, "".join(line for line in ran.stderr.splitlines(keepends=True) if "rror" in line)[:3_000]
    return ran.stdout


def test_a_stretch_of_the_day_adds_up_and_repeats_to_the_byte(
    database: Database, addresses: Addresses, tmp_path: Path
) -> None:
    first = stretch(database, addresses.broker_url, tmp_path / "a", seed=7, hash_seed=1)
    empty(database.engine)
    second = stretch(database, addresses.broker_url, tmp_path / "b", seed=7, hash_seed=2)
    assert first == second
    report = json.loads(first)
    assert (report["lost"], report["oversold"], report["unlawful_rounds"]) == (0, 0, 0)
    assert report["orders"] >= 20
    assert report["delivered"] >= 10
    assert report["till_sales"] >= 3

"""The town that journeys happen in."""

import pytest
from fastapi.testclient import TestClient

from tests.conftest import Database
from tests.hands import Clock, Worker
from tests.journeys.town import Town, build


@pytest.fixture
def town(client: TestClient, database: Database, worker: Worker, clock: Clock) -> Town:
    """Two stores, a customer, a clerk in each store and a rider, all signed in over HTTP."""
    with database.sessions() as db:
        people = build(db, now=clock())
    return Town(client=client, database=database, worker=worker, clock=clock, **people)

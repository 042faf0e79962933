"""The area that dispatch's tests happen in."""

import pytest
from fastapi.testclient import TestClient

from o2o.infra.tools import Tools
from o2o.kit import ids
from tests.conftest import Database
from tests.dispatch.make import Desk, Town
from tests.hands import Clock


@pytest.fixture
def town(database: Database, tools: Tools, clock: Clock) -> Town:
    """An area with a store and nobody in it."""
    return Town(database, tools, clock, area_id=ids.new_id(), store_id=ids.new_id())


@pytest.fixture
def desk(town: Town, client: TestClient) -> Desk:
    """The same area seen over HTTP: its dispatcher, and one of another area."""
    return Desk(client, town)

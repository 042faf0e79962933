"""Any order of customers, clerks, riders, tills, notices and hours leaves every book of the house in agreement."""

import os

import pytest

from o2o.infra.tools import Tools
from tests.conftest import Database
from tests.properties.hall import HallMachine
from tests.properties.test_stock import run

STEPS = int(os.environ.get("O2O_HALL_STEPS", "10000"))
"""All examples together."""


@pytest.mark.slow
def test_ten_thousand_steps_in_any_order_leave_every_book_right(database: Database, tools: Tools) -> None:
    settings = tools.settings.model_copy(update={"patient": True})
    HallMachine.tools = Tools(tools.engine, tools.valkey, tools.roads, settings)
    run(database, HallMachine, runs=STEPS // 100, steps=100)

"""Any order of orders, tills, clerks and hours leaves books that agree with a model of ten lines and with their ledger."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.conftest import Database
from tests.properties.offers import OfferMachine
from tests.properties.stock import StockMachine


def run(database: Database, kind: type[RuleBasedStateMachine] = StockMachine, *, runs: int, steps: int) -> None:
    machine = type("Machine", (kind,), {"engine": database.engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_thousand_steps_in_any_order_leave_the_books_right(database: Database) -> None:
    run(database, runs=50, steps=40)


def test_limited_offers_survive_any_order_of_orders_tills_and_ends(database: Database) -> None:
    run(database, OfferMachine, runs=25, steps=40)

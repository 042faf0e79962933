"""A demo has a past of buying and selling, and its books agree."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.city.demo import buying
from o2o.inventory import ledger_check
from o2o.inventory.shelf import receiving
from o2o.inventory.supply import replenishment
from o2o.kit import ids
from tests.hands import MONDAY_TEN
from tests.stores.make import a_store


def test_forecasts_proposals_and_suppliers_records_have_something_to_stand_on(db: Session) -> None:
    store = a_store(db, "NEAR", now=MONDAY_TEN)
    line = receiving.ReceiptLine("ALCOHOL-001", 60)
    receiving.receive(db, store_id=store, receipt_id=ids.new_id(), lines=[line], now=MONDAY_TEN)
    for _ in range(2):
        buying.seed_buying(db, seed=7, now=MONDAY_TEN)
    assert ledger_check.differences(db) == []
    proposed = replenishment.proposals(db, store_id=store)
    assert {one.sku for one in proposed} == {terms.sku for terms in buying.BOUGHT}
    assert all(one.model_permille is not None and one.naive_permille is not None for one in proposed)
    counts = db.execute(text("SELECT state, count(*) FROM supply_notices GROUP BY 1 ORDER BY 1")).all()
    assert [tuple(row) for row in counts] == [("announced", 1), ("received", 3 * buying.WEEKS)]
    assert db.scalar(text("SELECT count(*) FROM stock_discrepancies WHERE closed_at IS NULL")) == 0

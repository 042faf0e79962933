"""Every derived number against its ledger, in every room. Silence means that all of it adds up."""

from sqlalchemy.orm import Session

from o2o.catalogue import ledger_check as catalogue
from o2o.dispatch import ledger_check as dispatch
from o2o.inventory import ledger_check as inventory
from o2o.membership import ledger_check as membership
from o2o.orders import ledger_check as orders
from o2o.payments import ledger_check as payments


def differences(db: Session) -> list[str]:
    """One line for each thing that does not add up."""
    return [
        line for room in (inventory, payments, dispatch, membership, catalogue, orders) for line in room.differences(db)
    ]

"""How goods are bought: of whom, how long it takes, in what multiples, and for how long at most."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.inventory.models import SupplyTerms
from o2o.kit.errors import Invalid


class BadTerms(Invalid):
    """Terms of supply that cannot be meant."""

    code = "inventory.bad_terms"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a SKU is bought. It is looked at every `review_days`, comes `lead_days` later, in `multiple`s, for `weeks_of_supply` at most."""

    sku: str
    supplier: str
    lead_days: int = 1
    review_days: int = 1
    multiple: int = 1
    weeks_of_supply: int = 2


def save(db: Session, *, terms: Sequence[Terms]) -> None:
    """Set how SKUs are bought, one line a SKU; a line known already is replaced.

    Raises:
        BadTerms: days or units outside what anybody can mean.
    """
    for line in terms:
        whole = 0 <= line.lead_days <= 90 and 1 <= line.review_days <= 28
        if not whole or not 1 <= line.multiple <= 9_999 or not 1 <= line.weeks_of_supply <= 26:
            raise BadTerms(sku=line.sku, field="lead_days" if not whole else "multiple")
    if terms:
        rows = [asdict(line) for line in terms]
        statement = insert(SupplyTerms)
        new = {name: statement.excluded[name] for name in rows[0] if name != "sku"}
        db.execute(statement.on_conflict_do_update(index_elements=["sku"], set_=new), rows)


def known(db: Session) -> list[Terms]:
    """How every SKU is bought, by supplier."""
    rows = db.scalars(select(SupplyTerms).order_by(SupplyTerms.supplier, SupplyTerms.sku))
    return [
        Terms(row.sku, row.supplier, row.lead_days, row.review_days, row.multiple, row.weeks_of_supply) for row in rows
    ]


def drop(db: Session, *, sku: str) -> None:
    """The SKU is not bought any more: nothing of it is proposed. Not bought already is fine."""
    db.execute(delete(SupplyTerms).where(SupplyTerms.sku == sku))

"""Double entry: what happened to money, written twice so that it sums to nothing.

Accounts: `provider` (what a provider owes us), `cash` (in a till), `sales` (what orders brought, kept negative).
"""

import uuid
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from o2o.kit import ids
from o2o.payments.models import PaymentEntry


def book(
    db: Session, *, payment_id: uuid.UUID, cause: str, into: str, out_of: str, amount_fen: int, now: datetime
) -> None:
    """Move `amount_fen` (> 0) between two accounts; `cause` is unique, so a second booking of it fails the transaction."""
    db.execute(
        insert(PaymentEntry),
        [
            {
                "id": ids.new_id(),
                "payment_id": payment_id,
                "cause": cause,
                "account": account,
                "amount_fen": fen,
                "at": now,
            }
            for account, fen in ((into, amount_fen), (out_of, -amount_fen))
        ],
    )

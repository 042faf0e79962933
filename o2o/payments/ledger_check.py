"""What of payments does not add up: M2, M3, M4 and M6, all in one statement. Silence is good news."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_CHECKS = (
    """SELECT format('M2 booking %s sums to %s fen', cause, sum(amount_fen)) FROM payment_entries
        GROUP BY cause HAVING sum(amount_fen) <> 0""",
    """SELECT format('M3 payment %s keeps %s fen, its ledger %s', p.id, p.captured_fen - p.refunded_fen, e.sales_fen)
         FROM payments p, LATERAL (
           SELECT coalesce(-sum(amount_fen), 0) AS sales_fen FROM payment_entries WHERE payment_id = p.id AND account = 'sales') e
        WHERE p.captured_fen - p.refunded_fen <> e.sales_fen""",
    """SELECT format('M3 payment %s is %s and holds %s of %s fen', id, state, authorised_fen, amount_fen) FROM payments
        WHERE authorised_fen NOT IN (0, amount_fen) OR (state IN ('authorised', 'captured') AND authorised_fen <> amount_fen)""",
    """SELECT format('M6 payment %s: ours %s fen, the provider''s %s', p.ref, e.ours_fen, c.captured_fen - c.refunded_fen)
         FROM payments p JOIN sandbox_charges c ON c.ref = p.ref, LATERAL (
           SELECT coalesce(sum(amount_fen), 0) AS ours_fen FROM payment_entries WHERE payment_id = p.id AND account = 'provider') e
        WHERE e.ours_fen <> c.captured_fen - c.refunded_fen
          AND NOT EXISTS (SELECT FROM payment_operations o WHERE o.payment_id = p.id AND o.state = 'asked')""",
)
_ALL = text(" UNION ALL ".join(_CHECKS))


def differences(db: Session) -> list[str]:
    """Each difference in one line, between payments, their operations, the double-entry ledger and the sandbox's books."""
    return list(db.scalars(_ALL))

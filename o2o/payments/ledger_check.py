"""What of payments does not add up: M2, M3, M4 and M6. Silence is good news."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.payments.models import Payment, PaymentEntry, PaymentOperation, SandboxCharge


def differences(db: Session) -> list[str]:
    """Each difference in one line, between payments, their operations, the double-entry ledger and the sandbox's books."""
    return [*_unbalanced(db), *_payments_against_ledger(db), *_against_sandbox(db)]


def _unbalanced(db: Session) -> list[str]:
    total = func.sum(PaymentEntry.amount_fen)
    rows = db.execute(select(PaymentEntry.cause, total).group_by(PaymentEntry.cause).having(total != 0))
    return [f"M2 booking {cause} sums to {fen} fen" for cause, fen in rows]


def _payments_against_ledger(db: Session) -> list[str]:
    sales = func.coalesce(
        select(-func.sum(PaymentEntry.amount_fen))
        .where(PaymentEntry.payment_id == Payment.id, PaymentEntry.account == "sales")
        .scalar_subquery(),
        0,
    )
    kept = Payment.captured_fen - Payment.refunded_fen
    rows = db.execute(select(Payment.id, kept, sales).where(kept != sales))
    return [f"M3 payment {payment} keeps {mine} fen, its ledger {books}" for payment, mine, books in rows]


def _against_sandbox(db: Session) -> list[str]:
    waiting = select(PaymentOperation.payment_id).where(PaymentOperation.state == "asked")
    kept, theirs = Payment.captured_fen - Payment.refunded_fen, SandboxCharge.captured_fen - SandboxCharge.refunded_fen
    rows = db.execute(
        select(Payment.ref, kept, theirs)
        .join(SandboxCharge, SandboxCharge.ref == Payment.ref)
        .where(kept != theirs, Payment.id.not_in(waiting))
    )
    return [f"M6 payment {ref}: ours {mine} fen, the provider's {other}" for ref, mine, other in rows]

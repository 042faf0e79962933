"""The sandbox provider: keeps books of its own, holds and takes pretend money, and sends signed notices late and twice.

It stands where a real provider would: its state changes in its own transactions, and a merchant's operation is done once.
"""

import hmac
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.infra.db import transaction
from o2o.kit import ids
from o2o.kit.errors import Conflict, NotFound
from o2o.payments.models import SandboxCharge, SandboxNotice, SandboxRequest
from o2o.payments.provider import Declined

MERCHANT = "o2o-demo"
CURRENCY = "CNY"


class NoCharge(NotFound):
    """The sandbox knows no such charge."""

    code = "sandbox.no_charge"


class AlreadyDecided(Conflict):
    """This charge was paid or closed before."""

    code = "sandbox.already_decided"


def sign(secret: str, *, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over `timestamp.body`, hexadecimal."""
    return hmac.digest(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hex()


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The provider's side of the port; see `provider.Provider`."""

    engine: Engine

    def prepare(self, *, ref: str, amount_fen: int, now: datetime) -> str:
        """Expect a payment; the cashier's page is a screen of the web app."""
        with transaction(self.engine) as db:
            row = {
                "ref": ref,
                "amount_fen": amount_fen,
                "state": "open",
                "captured_fen": 0,
                "refunded_fen": 0,
                "at": now,
            }
            db.execute(insert(SandboxCharge).values(row).on_conflict_do_nothing())
        return f"/customer/cashier/{ref}"

    def capture(self, *, operation_id: uuid.UUID, ref: str, amount_fen: int, now: datetime) -> None:
        """Take part or all of what is held; the rest is let go."""
        self._once(operation_id, ref, "captured", amount_fen, now, needs="held", becomes="captured")

    def void(self, *, operation_id: uuid.UUID, ref: str, amount_fen: int, now: datetime) -> None:
        """Let go what is held."""
        self._once(operation_id, ref, "voided", amount_fen, now, needs="held", becomes="closed")

    def refund(self, *, operation_id: uuid.UUID, ref: str, amount_fen: int, now: datetime) -> None:
        """Give back part or all of what was taken."""
        self._once(operation_id, ref, "refunded", amount_fen, now, needs="captured", becomes="captured")

    def _once(
        self, operation_id: uuid.UUID, ref: str, kind: str, amount_fen: int, now: datetime, *, needs: str, becomes: str
    ) -> None:
        with transaction(self.engine) as db:
            charge = db.scalar(select(SandboxCharge).where(SandboxCharge.ref == ref).with_for_update())
            if db.get(SandboxRequest, operation_id) is not None:
                return
            if charge is None or charge.state != needs or amount_fen > _room(charge, kind):
                raise Declined(ref=ref, kind=kind)
            charge.state = becomes
            charge.captured_fen += amount_fen if kind == "captured" else 0
            charge.refunded_fen += amount_fen if kind == "refunded" else 0
            db.add(SandboxRequest(operation_id=operation_id, ref=ref, kind=kind, amount_fen=amount_fen, at=now))
            _notify(db, ref=ref, kind=kind, amount_fen=amount_fen, operation_id=operation_id, now=now)


def _room(charge: SandboxCharge, kind: str) -> int:
    return charge.captured_fen - charge.refunded_fen if kind == "refunded" else charge.amount_fen


def decide(db: Session, *, ref: str, paid: bool, now: datetime, lapses: bool = False) -> None:
    """The customer at the cashier's page says yes or no; a yes that `lapses` is money which will be held no longer when it is asked for.

    Raises:
        NoCharge: there is none. AlreadyDecided: it was paid or closed.
    """
    changed = db.execute(
        update(SandboxCharge)
        .where(SandboxCharge.ref == ref, SandboxCharge.state == "open")
        .values(state=("lapsed" if lapses else "held") if paid else "open")
        .returning(SandboxCharge.amount_fen)
    ).scalar_one_or_none()
    if changed is None:
        known = db.get(SandboxCharge, ref)
        raise NoCharge(ref=ref) if known is None else AlreadyDecided(ref=ref, state=known.state)
    _notify(db, ref=ref, kind="authorised" if paid else "failed", amount_fen=changed, operation_id=None, now=now)


_DELAY_MS = {"authorised": 400, "failed": 300, "captured": 200, "voided": 900, "refunded": 1_500}


def _notify(
    db: Session, *, ref: str, kind: str, amount_fen: int, operation_id: uuid.UUID | None, now: datetime
) -> None:
    """Queue a notice: a little late, sent twice, and by its delay often behind a later one."""
    notice_id = ids.new_id()
    body: dict[str, Any] = {
        "id": str(notice_id),
        "kind": kind,
        "merchant": MERCHANT,
        "ref": ref,
        "amount_fen": amount_fen,
        "currency": CURRENCY,
        "operation_id": str(operation_id) if operation_id else None,
    }
    due = now + timedelta(milliseconds=_DELAY_MS[kind])
    db.add(SandboxNotice(id=notice_id, body=body, due_at=due, sends_left=2))
    db.flush()


def due_notices(db: Session, *, now: datetime, limit: int = 100) -> list[bytes]:
    """Bodies to send now. Each is handed out twice, the second time five seconds later."""
    rows = db.scalars(
        select(SandboxNotice)
        .where(SandboxNotice.sends_left > 0, SandboxNotice.due_at <= now)
        .order_by(SandboxNotice.due_at, SandboxNotice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.sends_left -= 1
        row.due_at = now + timedelta(seconds=5)
    return [json.dumps(row.body, sort_keys=True).encode() for row in rows]


def send_again(db: Session, *, body: bytes, now: datetime) -> None:
    """The merchant did not take the notice: it is sent once more in a while."""
    notice_id = uuid.UUID(json.loads(body)["id"])
    later = now + timedelta(seconds=5)
    db.execute(
        update(SandboxNotice)
        .where(SandboxNotice.id == notice_id)
        .values(sends_left=SandboxNotice.sends_left + 1, due_at=later)
    )

"""The books of points: every change goes through `Book.move`, which keeps lot, member and ledger in step.

One member's book is open in one transaction at a time: the member's row is locked. Opening it first does what time has done meanwhile:
pending lots become active, lots past their day expire, and what is active pays what is owed.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.kit import ids
from o2o.membership import members, rules
from o2o.membership.events import PointsChanged
from o2o.membership.members import NoSuchMember
from o2o.membership.models import MemberRow, PointsEntryRow, PointsLotRow


class Book:
    """A member's lots that still matter, open for changes. `close` writes everything."""

    def __init__(self, db: Session, member: MemberRow, lots: list[PointsLotRow], now: datetime) -> None:
        self.member = member
        self.lots = {lot.id: lot for lot in lots}
        self._db, self._now = db, now
        self._lines: list[dict[str, Any]] = []

    def add_lot(
        self,
        *,
        kind: str,
        cause: str,
        points: int,
        active_from: datetime,
        expires_at: datetime,
        latest_expiry_at: datetime,
        order_id: uuid.UUID | None = None,
        base_fen: int = 0,
    ) -> PointsLotRow:
        """A new lot, pending until `active_from`."""
        lot = PointsLotRow(
            id=ids.new_id(),
            member_id=self.member.id,
            kind=kind,
            cause=cause,
            order_id=order_id,
            granted=points,
            pending=0,
            active=0,
            held=0,
            spent=0,
            taken_back=0,
            expired=0,
            clawed=0,
            base_fen=base_fen,
            refunded_fen=0,
            earned_at=self._now,
            active_from=active_from,
            expires_at=expires_at,
            latest_expiry_at=latest_expiry_at,
        )
        self._db.add(lot)
        self.lots[lot.id] = lot
        waits = active_from > self._now
        self.move(
            lot,
            kind,
            cause,
            order_id=order_id,
            pending=points if waits else 0,
            active=0 if waits else points,
        )
        return lot

    def move(
        self,
        lot: PointsLotRow,
        kind: str,
        cause: str,
        *,
        order_id: uuid.UUID | None = None,
        pending: int = 0,
        active: int = 0,
        held: int = 0,
        debt: int = 0,
    ) -> None:
        """One line of the ledger, and the same change in the lot and the member."""
        for row in (lot, self.member):
            row.pending += pending
            row.active += active
            row.held += held
        self.member.debt += debt
        self._lines.append(
            {
                "member_id": self.member.id,
                "lot_id": lot.id,
                "kind": kind,
                "cause": cause,
                "order_id": order_id,
                "pending": pending,
                "active": active,
                "held": held,
                "debt": debt,
                "at": self._now,
            }
        )

    def spendable(self) -> list[PointsLotRow]:
        """Lots with active points, soonest expiry first."""
        return sorted((lot for lot in self.lots.values() if lot.active), key=lambda lot: (lot.expires_at, lot.id))

    def newest(self) -> Iterator[PointsLotRow]:
        """Lots with active points, the newest first."""
        yield from sorted(
            (lot for lot in self.lots.values() if lot.active), key=lambda lot: (lot.earned_at, lot.id), reverse=True
        )

    def settle(self) -> None:
        """What time does: activate, expire, pay debts. Counts in the causes keep each line's cause its own."""
        for lot in sorted(self.lots.values(), key=lambda lot: (lot.expires_at, lot.id)):
            if lot.pending and lot.active_from <= self._now:
                self.move(
                    lot, "activate", f"lot:{lot.id}", order_id=lot.order_id, pending=-lot.pending, active=lot.pending
                )
            if lot.active and lot.expires_at <= self._now:
                points, cause = lot.active, f"lot:{lot.id}:{lot.expired}"
                lot.expired += points
                self.move(lot, "expire", cause, active=-points)
        for lot in self.spendable():
            points = min(lot.active, self.member.debt)
            if points:
                cause = f"lot:{lot.id}:{lot.taken_back}"
                lot.taken_back += points
                self.move(lot, "pay_debt", cause, active=-points, debt=-points)

    def close(self) -> None:
        """Settle and write."""
        self.settle()
        self.write()

    def write(self) -> None:
        """Rows first, then their lines; and tell the member's screens when anything changed."""
        self._db.flush()
        if self._lines:
            self._db.execute(insert(PointsEntryRow), self._lines)
            self._lines = []
            outbox.emit(self._db, PointsChanged(member_id=self.member.id), now=self._now)

    def review_tier(self) -> None:
        """Tier by the money of the last year, this transaction's included."""
        self._db.flush()
        self.member.tier = rules.tier_for(members.spent_fen(self._db, member_id=self.member.id, now=self._now)).value


def open_book(db: Session, *, member_id: uuid.UUID, now: datetime) -> Book:
    """Lock a member and open their book; what time has done meanwhile is booked first.

    Raises:
        NoSuchMember: unknown.
    """
    locked = select(MemberRow).where(MemberRow.id == member_id).with_for_update()
    member = db.scalar(locked.execution_options(populate_existing=True))
    if member is None:
        raise NoSuchMember(member_id=member_id)
    alive = or_(PointsLotRow.pending > 0, PointsLotRow.active > 0, PointsLotRow.held > 0)
    lots = db.scalars(
        select(PointsLotRow).where(PointsLotRow.member_id == member_id, alive).execution_options(populate_existing=True)
    )
    book = Book(db, member, list(lots), now)
    # Written before anything can be refused: a caller who lives with a refusal still commits whole lines.
    book.close()
    return book

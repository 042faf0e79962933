"""How refunds and given-up orders move points: earned ones are taken back, spent ones return to their lots or to lots of grace."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.membership import rules
from o2o.membership.ledger import Book
from o2o.membership.models import (
    PointsEntryRow,
    PointsHoldPartRow,
    PointsHoldRow,
    PointsLotRow,
)
from o2o.membership.rules import POLICY


def latest(expires_at: datetime) -> datetime:
    """The latest day points of a lot can ever be given back to: their first expiry plus the grace."""
    return expires_at + timedelta(days=POLICY.restore_grace_days)


def cause_of(held: PointsHoldRow) -> str:
    """What a hold's lines in the ledger are caused by; each turn has its own."""
    return f"order:{held.order_id}" if held.turn == 1 else f"order:{held.order_id}:{held.turn}"


def parts(db: Session, held: PointsHoldRow) -> list[tuple[PointsHoldPartRow, PointsLotRow]]:
    """The lots a hold's points came from, in the order they were taken. The member's book must be open."""
    rows = db.execute(
        select(PointsHoldPartRow, PointsLotRow)
        .join(PointsLotRow, PointsLotRow.id == PointsHoldPartRow.lot_id)
        .where(PointsHoldPartRow.order_id == held.order_id, PointsHoldPartRow.turn == held.turn)
        .order_by(PointsHoldPartRow.nth)
        .execution_options(populate_existing=True)
    )
    return [(part, lot) for part, lot in rows]


def booked(db: Session, cause: str, member_id: uuid.UUID) -> bool:
    """Whether the ledger has a line of this cause."""
    line = select(PointsEntryRow.id).where(PointsEntryRow.cause == cause, PointsEntryRow.member_id == member_id)
    return db.scalar(line.limit(1)) is not None


def give_back(db: Session, book: Book, held: PointsHoldRow, points: int, *, cause: str, now: datetime) -> int:
    """Return up to `points` of a hold, those taken last first; from `held` or from `spent`, whichever the hold is. Gives how many."""
    if held.state == "released":
        return 0
    left = min(points, held.points - held.restored)
    returned = left
    for part, lot in reversed(parts(db, held)):
        back = min(left, part.points - part.restored)
        if back:
            _return_part(book, lot, back, spent=held.state == "redeemed", cause=cause, order_id=held.order_id, now=now)
            part.restored += back
            left -= back
    held.restored += returned
    return returned


def take_back(
    db: Session, book: Book, order_id: uuid.UUID, refunded_in_all: int, base_fen: int, *, cause: str
) -> tuple[int, int]:
    """Take back earned points: from the order's own lot, then from the newest, the rest is owed. Gives (taken, owed of them)."""
    earned = select(PointsLotRow).where(PointsLotRow.cause == f"order:{order_id}:earn")
    lot = db.scalar(earned.execution_options(populate_existing=True))
    if lot is None:
        return 0, 0
    target = rules.share(lot.granted, refunded_in_all, base_fen)
    taken = left = max(0, target - lot.clawed)
    lot.clawed += taken
    lot.refunded_fen = min(refunded_in_all, lot.base_fen) if base_fen else lot.base_fen
    pending = min(left, lot.pending)
    active = min(left - pending, lot.active)
    left -= pending + active
    others = [other for other in book.newest() if other.id != lot.id]
    from_others = rules.take(left, [other.active for other in others])
    owed = left - sum(from_others)
    lot.taken_back += pending + active
    if pending or active or owed:
        book.move(lot, "reverse", cause, order_id=order_id, pending=-pending, active=-active, debt=owed)
    for other, part in zip(others, from_others, strict=True):
        if part:
            other.taken_back += part
            book.move(other, "reverse", cause, order_id=order_id, active=-part)
    return taken, owed


def restore_share(
    db: Session,
    book: Book,
    order_id: uuid.UUID,
    refunded_in_all: int,
    base_fen: int,
    *,
    exactly: int | None,
    cause: str,
    now: datetime,
) -> int:
    """Give back the refunded share of the points an order was paid with. Gives how many."""
    held = db.get(PointsHoldRow, order_id, populate_existing=True)
    if held is None or held.state != "redeemed":
        return 0
    wanted = exactly if exactly is not None else rules.share(held.points, refunded_in_all, base_fen) - held.restored
    return give_back(db, book, held, max(0, wanted), cause=cause, now=now)


def adjust(book: Book, adjustment_id: uuid.UUID, points: int, now: datetime) -> None:
    """Book an adjustment: a lot of its own, or taken from the newest lots."""
    cause = f"adjust:{adjustment_id}"
    if points > 0:
        expires_at = rules.expires_at(now)
        book.add_lot(
            kind="adjust",
            cause=cause,
            points=points,
            active_from=now,
            expires_at=expires_at,
            latest_expiry_at=latest(expires_at),
        )
        return
    lots = list(book.newest())
    for lot, part in zip(lots, rules.take(-points, [lot.active for lot in lots]), strict=True):
        if part:
            lot.taken_back += part
            book.move(lot, "adjust", cause, active=-part)


def _return_part(
    book: Book, lot: PointsLotRow, points: int, *, spent: bool, cause: str, order_id: uuid.UUID, now: datetime
) -> None:
    """Into the lot it came from; or, where that has no day left or too few, into a lot of grace.

    Points that were only held keep their lot unless it expired meanwhile: nothing was cancelled, so no grace is due.
    """
    until = rules.given_back_until(lot.expires_at, lot.latest_expiry_at, now, POLICY.restore_grace_days)
    same_lot = until == lot.expires_at or (not spent and lot.expires_at > now)
    kind = "restore" if spent else "release"
    book.lots[lot.id] = lot
    if same_lot:
        lot.spent -= points if spent else 0
        book.move(lot, kind, cause, order_id=order_id, active=points, held=0 if spent else -points)
        return
    if not spent:
        lot.spent += points
        book.move(lot, kind, cause, order_id=order_id, held=-points)
    book.add_lot(
        kind="restore",
        cause=f"{cause}:restore:{lot.id}",
        points=points,
        active_from=now,
        expires_at=until,
        latest_expiry_at=lot.latest_expiry_at,
        order_id=order_id,
    )

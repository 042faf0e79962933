"""Points: earned by orders, held and spent at checkouts, taken back and given back by refunds, expired by time.

Every activity names its cause (an order, a refund, an adjustment) and happens once for it: called again it answers the same.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from o2o.kit.errors import Conflict, Invalid
from o2o.kit.ids import MemberId, OrderId
from o2o.kit.money import Fen
from o2o.membership import giving_back, rules
from o2o.membership.ledger import open_book
from o2o.membership.models import (
    MemberRow,
    PointsAdjustmentRow,
    PointsHoldPartRow,
    PointsHoldRow,
    PointsLotRow,
    PointsReversalRow,
)
from o2o.membership.rules import Tier

_MOST = 1_000_000_000


class NotEnoughPoints(Conflict):
    """There are not so many points to spend."""

    code = "membership.not_enough_points"


class BadPoints(Invalid):
    """This is not a number of points that can be moved."""

    code = "membership.bad_points"


class AlreadyHeld(Conflict):
    """This order holds other points already."""

    code = "membership.already_held"


class HoldEnded(Conflict):
    """The points of this order were given back meanwhile."""

    code = "membership.hold_ended"


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a refund did: points taken back (some of them perhaps `owed` now), and points given back to the member."""

    taken_back: int
    owed: int
    restored: int


def spendable(db: Session, *, member_id: MemberId, now: datetime) -> int:
    """Points that could be spent at this moment, by the clock and not by the last sweep. Writes nothing; 0 for nobody."""
    due = and_(PointsLotRow.pending > 0, PointsLotRow.active_from <= now)
    rows = db.execute(
        select(PointsLotRow.active, PointsLotRow.pending, PointsLotRow.active_from).where(
            PointsLotRow.member_id == member_id, PointsLotRow.expires_at > now, or_(PointsLotRow.active > 0, due)
        )
    )
    points: int = sum(row.active + (row.pending if row.active_from <= now else 0) for row in rows)
    debt = db.scalar(select(MemberRow.debt).where(MemberRow.id == member_id)) or 0
    return max(0, points - debt)


def accrue(
    db: Session, *, member_id: MemberId, order_id: OrderId, base_fen: int, active_from: datetime, now: datetime
) -> int:
    """Earn points for an order once, by the member's tier; pending until `active_from` (the end of the return window).

    `base_fen` is the money paid for goods, after discounts, points and what was refunded before. Gives the points earned.

    Raises:
        NoSuchMember: unknown.
        BadPoints: the money is negative or absurd.
    """
    if not 0 <= base_fen <= _MOST * 100:
        raise BadPoints(field="base_fen")
    book = open_book(db, member_id=member_id, now=now)
    cause = f"order:{order_id}:earn"
    earlier = db.scalar(select(PointsLotRow.granted).where(PointsLotRow.cause == cause))
    if earlier is None:
        expires_at = rules.expires_at(active_from)
        earlier = rules.points_for(base_fen, Tier(book.member.tier))
        book.add_lot(
            kind="earn",
            cause=cause,
            points=earlier,
            active_from=active_from,
            expires_at=expires_at,
            latest_expiry_at=giving_back.latest(expires_at),
            order_id=order_id,
            base_fen=base_fen,
        )
        book.review_tier()
    book.close()
    return earlier


def hold(db: Session, *, member_id: MemberId, order_id: OrderId, points: int, now: datetime) -> Fen:
    """Set points aside for an unpaid order, soonest expiry first; gives what they pay. 0 points hold nothing.

    Raises:
        NotEnoughPoints: with `wanted` and `left`.
        AlreadyHeld: the order holds another number, or has spent it. One given up may hold again.
        NoSuchMember, BadPoints.
    """
    if not 0 <= points <= _MOST:
        raise BadPoints(field="points")
    if points == 0:
        return Fen(0)
    book = open_book(db, member_id=member_id, now=now)
    held = db.get(PointsHoldRow, order_id, populate_existing=True)
    if held is not None and (held.state != "released" or held.member_id != member_id):
        if (held.member_id, held.points, held.state) != (member_id, points, "held"):
            raise AlreadyHeld(points=held.points, hold_state=held.state)
        return rules.value_fen(points)
    if points > book.member.active:
        raise NotEnoughPoints(field="points", wanted=points, left=book.member.active)
    if held is None:
        held = PointsHoldRow(order_id=order_id, member_id=member_id, turn=0)
        db.add(held)
    held.turn, held.points, held.restored, held.state, held.at = held.turn + 1, points, 0, "held", now
    db.flush()
    lots = book.spendable()
    taken = rules.take(points, [lot.active for lot in lots])
    for nth, (lot, part) in enumerate((lot, part) for lot, part in zip(lots, taken, strict=True) if part):
        db.add(PointsHoldPartRow(order_id=order_id, turn=held.turn, nth=nth, lot_id=lot.id, points=part, restored=0))
        book.move(lot, "hold", giving_back.cause_of(held), order_id=order_id, active=-part, held=part)
    book.close()
    return rules.value_fen(points)


def redeem(db: Session, *, order_id: OrderId, now: datetime) -> int:
    """The order is paid: its held points are spent. Gives how many; 0 for an order that holds none.

    Raises:
        HoldEnded: they were released meanwhile.
    """
    whose = db.get(PointsHoldRow, order_id)
    if whose is None:
        return 0
    book = open_book(db, member_id=whose.member_id, now=now)
    held = db.get_one(PointsHoldRow, order_id, populate_existing=True)
    if held.state == "released":
        raise HoldEnded(points=held.points)
    if held.state == "held":
        held.state = "redeemed"
        for part, lot in giving_back.parts(db, held):
            lot.spent += part.points
            book.move(lot, "redeem", giving_back.cause_of(held), order_id=order_id, held=-part.points)
    book.close()
    return held.points


def release(db: Session, *, order_id: OrderId, now: datetime) -> int:
    """The order is given up: what it held, or had spent and not got back yet, returns to the member. Gives how many.

    Points keep their expiry, with the grace of `rules.given_back_until`. Nothing held: nothing happens.
    """
    whose = db.get(PointsHoldRow, order_id)
    if whose is None:
        return 0
    book = open_book(db, member_id=whose.member_id, now=now)
    held = db.get_one(PointsHoldRow, order_id, populate_existing=True)
    returned = giving_back.give_back(
        db, book, held, held.points - held.restored, cause=giving_back.cause_of(held), now=now
    )
    if held.state == "held":
        held.state = "released"
    book.close()
    return returned


def reverse(
    db: Session,
    *,
    order_id: OrderId,
    refund_id: uuid.UUID,
    refunded_fen: int,
    base_fen: int,
    now: datetime,
    restore_points: int | None = None,
) -> Reversal:
    """A refund's share of an order's points: what was earned is taken back, what was spent is given back, pro rata of the money.

    `base_fen` is the order's money for goods, `refunded_fen` this refund's part of it; with no money at all (`base_fen` 0) the whole
    order counts as refunded. Shares are reckoned on the sum of all refunds, so that a full refund in pieces takes all.
    `restore_points` gives back exactly so many instead. An order that moved no points: nothing happens.

    Raises:
        BadPoints: a number is negative.
    """
    if refunded_fen < 0 or base_fen < 0 or (restore_points is not None and restore_points < 0):
        raise BadPoints(field="refunded_fen")
    lot_of_order = select(PointsLotRow.member_id).where(PointsLotRow.cause == f"order:{order_id}:earn")
    member_id = db.scalar(lot_of_order) or db.scalar(
        select(PointsHoldRow.member_id).where(PointsHoldRow.order_id == order_id)
    )
    if member_id is None:
        return Reversal(0, 0, 0)
    book = open_book(db, member_id=member_id, now=now)
    done = db.get(PointsReversalRow, refund_id, populate_existing=True)
    if done is not None:
        return Reversal(done.taken_back, done.owed, done.restored)
    earlier = select(PointsReversalRow.refunded_fen).where(PointsReversalRow.order_id == order_id)
    refunded_in_all = refunded_fen + sum(db.scalars(earlier))
    cause = f"refund:{refund_id}"
    taken, owed = giving_back.take_back(db, book, order_id, refunded_in_all, base_fen, cause=cause)
    restored = giving_back.restore_share(
        db, book, order_id, refunded_in_all, base_fen, exactly=restore_points, cause=cause, now=now
    )
    row = PointsReversalRow(refund_id=refund_id, order_id=order_id, member_id=member_id, at=now)
    row.refunded_fen, row.taken_back, row.owed, row.restored = refunded_fen, taken, owed, restored
    db.add(row)
    book.review_tier()
    book.close()
    return Reversal(taken, owed, restored)


def adjust(
    db: Session,
    *,
    member_id: MemberId,
    adjustment_id: uuid.UUID,
    points: int,
    reason: str,
    approver_id: uuid.UUID,
    now: datetime,
) -> int:
    """Head office gives points (active at once) or, below zero, takes them, newest first; once for each id. Gives the balance after.

    Raises:
        NotEnoughPoints: more would be taken than there is.
        BadPoints, NoSuchMember.
    """
    if points == 0 or abs(points) > _MOST:
        raise BadPoints(field="points")
    book = open_book(db, member_id=member_id, now=now)
    if not giving_back.booked(db, f"adjust:{adjustment_id}", member_id):
        if points < 0 and -points > book.member.active:
            raise NotEnoughPoints(field="points", wanted=-points, left=book.member.active)
        giving_back.adjust(book, adjustment_id, points, now)
        row = PointsAdjustmentRow(id=adjustment_id, member_id=member_id, points=points, at=now)
        row.reason, row.approver_id = reason, approver_id
        db.add(row)
    book.close()
    return book.member.active - book.member.debt


def expire(db: Session, *, now: datetime, limit: int = 200) -> int:
    """Do what time has done, for up to `limit` members with lots past a date: activate, expire, pay debts. Gives how many members.

    Only hygiene: whoever reads or spends sees the same without it.
    """
    due = or_(
        and_(PointsLotRow.pending > 0, PointsLotRow.active_from <= now),
        and_(PointsLotRow.active > 0, PointsLotRow.expires_at <= now),
    )
    whose = db.scalars(
        select(PointsLotRow.member_id).where(due).distinct().order_by(PointsLotRow.member_id).limit(limit)
    )
    members = list(whose)
    for member_id in members:
        open_book(db, member_id=member_id, now=now).close()
    return len(members)

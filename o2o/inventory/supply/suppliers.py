"""Suppliers: a delivery announced, received with its differences, and how well each supplier keeps its word."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from o2o.inventory.lines import Line, merged
from o2o.inventory.models import Notice, NoticeLine, SupplierName
from o2o.inventory.shelf import receiving, undoing
from o2o.inventory.shelf.receiving import ReceiptLine
from o2o.kit.errors import Conflict, Invalid, NotFound
from o2o.kit.ids import StoreId


class NoSuchNotice(NotFound):
    """No such delivery was announced for this store."""

    code = "inventory.no_such_notice"


class NoticeClosed(Conflict):
    """This delivery was received already."""

    code = "inventory.notice_closed"


class BadReceipt(Invalid):
    """Damaged units are among the received, refused ones are not, and a difference has a reason."""

    code = "inventory.bad_receipt"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of one SKU: `received` units went onto the books (`damaged` of them apart), `refused` went back with the driver."""

    sku: str
    received: int
    damaged: int = 0
    refused: int = 0
    lot_code: str | None = None
    expires_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A SKU of which not exactly the announced number was received whole."""

    sku: str
    announced: int
    received: int
    damaged: int
    refused: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """A supplier's record in parts of a thousand: deliveries on time, units in full, units whole."""

    supplier: str
    deliveries: int
    on_time_permille: int
    in_full_permille: int
    quality_permille: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """A SKU of a delivery that did not come as announced: whose, where and when."""

    supplier: str
    store_id: uuid.UUID
    due_at: datetime
    received_at: datetime
    difference: Difference


def announce(
    db: Session,
    *,
    notice_id: uuid.UUID,
    supplier: str,
    store_id: StoreId | uuid.UUID,
    due_at: datetime,
    lines: Sequence[Line],
    now: datetime,
) -> None:
    """A supplier will deliver `lines` by `due_at`. Raises BadQuantity."""
    wanted = merged(lines)
    values = {"id": notice_id, "supplier": supplier, "store_id": store_id, "due_at": due_at}
    db.execute(insert(Notice).values(values | {"state": "announced", "announced_at": now}))
    if wanted:
        rows = [{"notice_id": notice_id, "sku": line.sku, "announced": line.quantity} for line in wanted]
        db.execute(insert(NoticeLine), rows)


def receive(
    db: Session,
    *,
    notice_id: uuid.UUID,
    receipt_id: uuid.UUID,
    store_id: StoreId | uuid.UUID,
    arrived: Sequence[Arrived],
    now: datetime,
) -> list[Difference]:
    """Count an announced delivery in; what was not announced may come too, what did not come is a difference of all of it.

    Raises:
        NoSuchNotice, NoticeClosed. BadReceipt: numbers that cannot be, or a difference without a reason. BadQuantity.
    """
    _locked(db, notice_id, store_id)
    listed = db.execute(select(NoticeLine.sku, NoticeLine.announced).where(NoticeLine.notice_id == notice_id))
    announced = {row.sku: row.announced for row in listed}
    found = _differences(announced, arrived)
    lines = [ReceiptLine(a.sku, a.received, a.lot_code, a.expires_on, a.damaged) for a in arrived if a.received]
    if lines:
        receiving.receive(db, store_id=store_id, receipt_id=receipt_id, lines=lines, now=now)
    for sku, difference in found.items():
        values = {"received": difference.received, "damaged": difference.damaged, "refused": difference.refused}
        values_with_reason: dict[str, Any] = values | {"reason": difference.reason}
        key = (NoticeLine.notice_id == notice_id) & (NoticeLine.sku == sku)
        if sku in announced:
            db.execute(update(NoticeLine).where(key).values(values_with_reason))
        else:
            db.execute(
                insert(NoticeLine).values(values_with_reason | {"notice_id": notice_id, "sku": sku, "announced": 0})
            )
    db.execute(
        update(Notice).where(Notice.id == notice_id).values(state="received", received_at=now, receipt_id=receipt_id)
    )
    return [d for d in found.values() if (d.announced, 0, 0) != (d.received, d.damaged, d.refused)]


def _differences(announced: dict[str, int], arrived: Sequence[Arrived]) -> dict[str, Difference]:
    found: dict[str, Difference] = {}
    for sku in sorted(set(announced) | {a.sku for a in arrived}):
        parts = [a for a in arrived if a.sku == sku]
        if any(min(a.received, a.damaged, a.refused) < 0 or a.damaged > a.received for a in parts):
            raise BadReceipt(field="received", sku=sku)
        reason = next((a.reason for a in parts if a.reason), None if parts else "not delivered")
        total = [sum(column) for column in zip(*((a.received, a.damaged, a.refused) for a in parts), strict=True)]
        received, damaged, refused = total or (0, 0, 0)
        found[sku] = Difference(sku, announced.get(sku, 0), received, damaged, refused, reason)
        if reason is None and (received, damaged, refused) != (announced.get(sku, 0), 0, 0):
            raise BadReceipt(field="reason", sku=sku)
    return found


def undo(db: Session, *, store_id: StoreId | uuid.UUID, receipt_id: uuid.UUID, now: datetime) -> None:
    """A receipt just booked is taken back; if it was of an announced delivery, that is to come again. Said twice it changes nothing.

    Raises:
        undoing.NothingToUndo, undoing.TooLateToUndo, undoing.CountedSince. NotThatMany: some of it is gone or promised already.
    """
    notice = db.scalar(
        select(Notice).where(Notice.receipt_id == receipt_id, Notice.store_id == store_id).with_for_update()
    )
    if notice is None or _came(db, notice.id):
        undoing.take_back(db, store_id=store_id, cause=receipt_id, kind="receipt", now=now)
    elif notice.received_at is not None:
        undoing.check_time(notice.received_at, now=now)
    if notice is not None:
        notice.state, notice.received_at, notice.receipt_id = "announced", None, None
        mine = NoticeLine.notice_id == notice.id
        nothing: dict[str, Any] = {"received": 0, "damaged": 0, "refused": 0, "reason": None}
        db.execute(update(NoticeLine).where(mine).values(nothing))
        db.execute(delete(NoticeLine).where(mine, NoticeLine.announced == 0))
        db.flush()


def _came(db: Session, notice_id: uuid.UUID) -> bool:
    came = select(NoticeLine.sku).where(NoticeLine.notice_id == notice_id, NoticeLine.received > 0)
    return db.scalar(came.limit(1)) is not None


def scorecard(db: Session, *, since: datetime, until: datetime) -> list[Score]:
    """How each supplier did with deliveries received (or due and never come) in the span: on time, in full, quality."""
    came = Notice.state == "received"
    counted = (came & (Notice.received_at >= since) & (Notice.received_at < until)) | (
        (Notice.state == "announced") & (Notice.due_at >= since) & (Notice.due_at < until)
    )
    deliveries = db.execute(
        select(
            Notice.supplier,
            func.count().label("all"),
            func.count().filter(came & (Notice.received_at <= Notice.due_at)).label("on_time"),
        )
        .where(counted)
        .group_by(Notice.supplier)
        .order_by(Notice.supplier)
    ).all()
    whole = NoticeLine.received - NoticeLine.damaged
    units = {
        row.supplier: row
        for row in db.execute(
            select(
                Notice.supplier,
                func.sum(NoticeLine.announced).label("announced"),
                func.sum(func.least(NoticeLine.received, NoticeLine.announced)).label("filled"),
                func.sum(NoticeLine.received + NoticeLine.refused).label("brought"),
                func.sum(whole).label("whole"),
            )
            .join(NoticeLine, NoticeLine.notice_id == Notice.id)
            .where(counted)
            .group_by(Notice.supplier)
        )
    }
    return [_score(row, units.get(row.supplier)) for row in deliveries]


def differences(db: Session, *, since: datetime, supplier: str | None = None, limit: int = 100) -> list[Delivered]:
    """What did not come as announced since then, of one supplier or of all; the latest first."""
    whole = (NoticeLine.received == NoticeLine.announced) & (NoticeLine.damaged == 0) & (NoticeLine.refused == 0)
    rows = db.execute(
        select(Notice, NoticeLine)
        .join(NoticeLine, NoticeLine.notice_id == Notice.id)
        .where(Notice.state == "received", Notice.received_at >= since, ~whole)
        .where(Notice.supplier == supplier if supplier else Notice.supplier.is_not(None))
        .order_by(Notice.received_at.desc(), Notice.id, NoticeLine.sku)
        .limit(limit)
    )
    return [
        Delivered(
            notice.supplier,
            notice.store_id,
            notice.due_at,
            notice.received_at or notice.due_at,
            Difference(line.sku, line.announced, line.received, line.damaged, line.refused, line.reason),
        )
        for notice, line in rows
    ]


def call_in_english(db: Session, *, supplier: str, name_en: str) -> None:
    """How readers of English know this supplier; an empty name takes it away."""
    db.execute(delete(SupplierName).where(SupplierName.supplier == supplier))
    if name_en:
        db.execute(insert(SupplierName).values(supplier=supplier, name_en=name_en))


def english_names(db: Session) -> dict[str, str]:
    """The suppliers that have one, with their English name."""
    rows = db.execute(select(SupplierName.supplier, SupplierName.name_en).order_by(SupplierName.supplier))
    return {row.supplier: row.name_en for row in rows}


def _score(row: Row[*tuple[Any, ...]], units: Row[*tuple[Any, ...]] | None) -> Score:
    def share(part: int, whole: int) -> int:
        return 1000 * part // whole if whole else 1000

    return Score(
        supplier=row.supplier,
        deliveries=row.all,
        on_time_permille=share(row.on_time, row.all),
        in_full_permille=share(units.filled, units.announced) if units else 1000,
        quality_permille=share(units.whole, units.brought) if units else 1000,
    )


def _locked(db: Session, notice_id: uuid.UUID, store_id: StoreId | uuid.UUID) -> None:
    state = db.scalar(select(Notice.state).where(Notice.id == notice_id, Notice.store_id == store_id).with_for_update())
    if state is None:
        raise NoSuchNotice(notice_id=notice_id)
    if state != "announced":
        raise NoticeClosed(state=state)

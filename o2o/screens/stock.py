"""One SKU at one store, looked at from all sides: where its pieces are, what may be promised and why, and the moves behind each number."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.infra.http import Db, Keeper, Now, SkuPath, StoreQuery, store_of
from o2o.inventory.models import Count, Notice, NoticeLine, StockEntry, SupplierName, Transfer, TransferLine, WriteOff
from o2o.inventory.queries import shelf
from o2o.inventory.schemas.shelf import ItemOut, LotOut, StepOut
from o2o.kit.ids import StoreId
from o2o.kit.wire import Wire
from o2o.orders.models import Order, ReturnRequest, Shipment
from o2o.stores.models import StoreRow

router = APIRouter(prefix="/api/screens", tags=["screens"])

Bucket = Literal["on_hand", "damaged", "quality_control", "in_transit"]


class PromisedOut(Wire):
    """One live promise: the order, what it was promised, and until when if it is not paid for yet."""

    order_no: str | None
    state: str
    quantity: int
    expires_at: datetime | None


class MoveOut(Wire):
    """One line of the ledger and the number after it. `order_no`, `whom` (supplier, store) and `note` say what it was for."""

    at: datetime
    recorded_at: datetime
    kind: str
    delta: int
    after: int
    order_no: str | None
    whom_zh: str | None
    whom_en: str | None
    note: str | None


class ComingOut(Wire):
    """Goods on their way here: from another store, or announced by a supplier."""

    kind: Literal["transfer", "notice"]
    whom_zh: str
    whom_en: str
    quantity: int
    due_at: datetime | None


class StockScreen(Wire):
    """All of it. `moves` are those of `bucket`, the newest first."""

    store_id: uuid.UUID
    item: ItemOut
    app: list[StepOut]
    till: list[StepOut]
    promises: list[PromisedOut]
    lots: list[LotOut]
    coming: list[ComingOut]
    bucket: str
    moves: list[MoveOut]


@router.get(
    "/stock/{sku}", operation_id="stock_screen", response_model=StockScreen, summary="One shelf and its numbers"
)
def stock_screen(
    caller: Keeper,
    db: Db,
    now: Now,
    sku: SkuPath,
    store_id: StoreQuery = None,
    bucket: Bucket = "on_hand",
    limit: Annotated[int, Query(ge=1, le=500)] = 20,
) -> StockScreen:
    """The own store of a clerk, any store for head office."""
    place = store_of(caller, store_id)
    why = shelf.why(db, store_id=place, sku=sku, now=now)
    numbers = {promise.order_id for promise in why.promises}
    orders = {row.id: row.order_no for row in db.execute(select(Order.id, Order.order_no).where(Order.id.in_(numbers)))}
    return StockScreen(
        store_id=place,
        item=why.item,
        app=why.app,
        till=why.till,
        promises=[
            PromisedOut(order_no=orders.get(one.order_id), state=one.state, quantity=one.quantity, expires_at=one.expires_at)
            for one in why.promises
        ],
        lots=why.lots,
        coming=_coming(db, place, sku),
        bucket=bucket,
        moves=_moves(db, place, sku, bucket, getattr(why.item, bucket), limit),
    )  # fmt: skip


def _moves(db: Session, store_id: StoreId, sku: str, bucket: str, now_there: int, limit: int) -> list[MoveOut]:
    rows = db.execute(
        select(StockEntry)
        .where(StockEntry.store_id == store_id, StockEntry.sku == sku, StockEntry.bucket == bucket)
        .order_by(StockEntry.recorded_at.desc(), StockEntry.position.desc())
        .limit(limit)
    ).scalars().all()  # fmt: skip
    told = _causes(db, store_id, {row.cause for row in rows})
    found, after = [], now_there
    for row in rows:
        told_of = told.get(row.cause, Told())
        found.append(
            MoveOut(
                at=row.at, recorded_at=row.recorded_at, kind=row.kind, delta=row.delta, after=after,
                order_no=told_of.order_no, whom_zh=told_of.whom_zh, whom_en=told_of.whom_en, note=told_of.note,
            )
        )  # fmt: skip
        after -= row.delta
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """What stands behind a move: an order's number, whom goods came from or went to, a reason."""

    order_no: str | None = None
    whom_zh: str | None = None
    whom_en: str | None = None
    note: str | None = None


def _causes(db: Session, store_id: StoreId, causes: Collection[uuid.UUID]) -> dict[uuid.UUID, Told]:
    told: dict[uuid.UUID, Told] = {}
    for row in db.execute(select(Order.id, Order.order_no).where(Order.id.in_(causes))):
        told[row.id] = Told(order_no=row.order_no)
    for model in (Shipment, ReturnRequest):
        query = select(model.id, Order.order_no).join(Order, Order.id == model.order_id).where(model.id.in_(causes))
        for row in db.execute(query):
            told[row.id] = Told(order_no=row.order_no)
    for notice in db.scalars(select(Notice).where(Notice.receipt_id.in_(causes))):
        if notice.receipt_id is not None:
            told[notice.receipt_id] = Told(None, notice.supplier, _english(db, notice.supplier))
    for transfer in db.scalars(select(Transfer).where(Transfer.id.in_(causes))):
        other = transfer.from_store_id if transfer.to_store_id == store_id else transfer.to_store_id
        told[transfer.id] = Told(None, *_names(db, other))
    for row in db.execute(select(WriteOff.id, WriteOff.reason).where(WriteOff.id.in_(causes))):
        told[row.id] = Told(note=row.reason)
    for row in db.execute(select(Count.id, Count.because).where(Count.id.in_(causes))):
        told[row.id] = Told(note=row.because)
    return told


def _coming(db: Session, store_id: StoreId, sku: str) -> list[ComingOut]:
    sent = db.execute(
        select(Transfer.from_store_id, TransferLine.quantity)
        .join(TransferLine, TransferLine.transfer_id == Transfer.id)
        .where(Transfer.to_store_id == store_id, Transfer.state == "in_transit", TransferLine.sku == sku)
        .order_by(Transfer.sent_at, Transfer.id)
    )
    announced = db.execute(
        select(Notice.supplier, Notice.due_at, NoticeLine.announced)
        .join(NoticeLine, NoticeLine.notice_id == Notice.id)
        .where(Notice.store_id == store_id, Notice.state == "announced", NoticeLine.sku == sku)
        .order_by(Notice.due_at, Notice.id)
    )
    found = []
    for row in sent:
        zh, en = _names(db, row.from_store_id)
        found.append(ComingOut(kind="transfer", whom_zh=zh, whom_en=en, quantity=row.quantity, due_at=None))
    for one in announced:
        whom = {"whom_zh": one.supplier, "whom_en": _english(db, one.supplier)}
        found.append(ComingOut(kind="notice", quantity=one.announced, due_at=one.due_at, **whom))
    return found


def _english(db: Session, supplier: str) -> str:
    known = db.get(SupplierName, supplier)
    return known.name_en if known else supplier


def _names(db: Session, store_id: uuid.UUID) -> tuple[str, str]:
    store = db.get(StoreRow, store_id)
    return (store.name_zh, store.name_en) if store else ("", "")

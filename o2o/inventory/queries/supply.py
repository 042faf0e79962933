"""What comes and goes in bulk: transfers between stores, announced deliveries."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.inventory.models import Notice, NoticeLine, Transfer, TransferLine
from o2o.inventory.supply.suppliers import Difference
from o2o.kit.ids import StoreId


@dataclass(frozen=True, slots=True)
class LineSeen:
    """One SKU of a transfer, and what came of it once it was received."""

    sku: str
    quantity: int
    received: int | None
    lost: int | None
    loss_reason: str | None


@dataclass(frozen=True, slots=True)
class TransferSeen:
    """A transfer from or to a store."""

    id: uuid.UUID
    from_store_id: uuid.UUID
    to_store_id: uuid.UUID
    state: str
    drafted_at: datetime
    lines: list[LineSeen]


def transfers_of(db: Session, *, store_id: StoreId | uuid.UUID, limit: int = 100) -> list[TransferSeen]:
    """Transfers from or to a store, newest first."""
    mine = (Transfer.from_store_id == store_id) | (Transfer.to_store_id == store_id)
    rows = db.scalars(select(Transfer).where(mine).order_by(Transfer.drafted_at.desc(), Transfer.id).limit(limit)).all()
    wanted = TransferLine.transfer_id.in_([row.id for row in rows])
    lines: defaultdict[uuid.UUID, list[LineSeen]] = defaultdict(list)
    for line in db.scalars(select(TransferLine).where(wanted).order_by(TransferLine.sku)):
        seen = LineSeen(line.sku, line.quantity, line.received, line.lost, line.loss_reason)
        lines[line.transfer_id].append(seen)
    return [
        TransferSeen(row.id, row.from_store_id, row.to_store_id, row.state, row.drafted_at, lines[row.id])
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """An announced delivery."""

    id: uuid.UUID
    supplier: str
    due_at: datetime
    state: str
    lines: list[Difference]


def notices_of(db: Session, *, store_id: StoreId | uuid.UUID, limit: int = 100) -> list[NoticeSeen]:
    """Announced deliveries of a store: those to come first, then the latest."""
    order = ((Notice.state != "announced"), Notice.due_at.desc(), Notice.id)
    rows = db.scalars(select(Notice).where(Notice.store_id == store_id).order_by(*order).limit(limit)).all()
    wanted = NoticeLine.notice_id.in_([row.id for row in rows])
    lines: defaultdict[uuid.UUID, list[Difference]] = defaultdict(list)
    for line in db.scalars(select(NoticeLine).where(wanted).order_by(NoticeLine.sku)):
        seen = Difference(line.sku, line.announced, line.received, line.damaged, line.refused, line.reason)
        lines[line.notice_id].append(seen)
    return [NoticeSeen(row.id, row.supplier, row.due_at, row.state, lines[row.id]) for row in rows]

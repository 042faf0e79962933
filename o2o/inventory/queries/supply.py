"""What comes and goes in bulk, shaped as it goes over the wire: transfers between stores, announced deliveries."""

import uuid
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.inventory.models import Notice, NoticeLine, Transfer, TransferLine
from o2o.inventory.schemas.supply import NoticeLineOut, NoticeOut, TransferLineOut, TransferOut
from o2o.kit.ids import StoreId


def transfers_of(db: Session, *, store_id: StoreId | uuid.UUID, limit: int = 100) -> list[TransferOut]:
    """Transfers from or to a store, newest first."""
    mine = (Transfer.from_store_id == store_id) | (Transfer.to_store_id == store_id)
    rows = db.scalars(select(Transfer).where(mine).order_by(Transfer.drafted_at.desc(), Transfer.id).limit(limit)).all()
    wanted = TransferLine.transfer_id.in_([row.id for row in rows])
    lines: defaultdict[uuid.UUID, list[TransferLineOut]] = defaultdict(list)
    for line in db.scalars(select(TransferLine).where(wanted).order_by(TransferLine.sku)):
        lines[line.transfer_id].append(TransferLineOut.model_validate(line))
    return [
        TransferOut(
            id=row.id, from_store_id=row.from_store_id, to_store_id=row.to_store_id, state=row.state,
            drafted_at=row.drafted_at, lines=lines[row.id],
        )
        for row in rows
    ]  # fmt: skip


def notices_of(db: Session, *, store_id: StoreId | uuid.UUID, limit: int = 100) -> list[NoticeOut]:
    """Announced deliveries of a store: those to come first, then the latest."""
    order = ((Notice.state != "announced"), Notice.due_at.desc(), Notice.id)
    rows = db.scalars(select(Notice).where(Notice.store_id == store_id).order_by(*order).limit(limit)).all()
    wanted = NoticeLine.notice_id.in_([row.id for row in rows])
    lines: defaultdict[uuid.UUID, list[NoticeLineOut]] = defaultdict(list)
    for line in db.scalars(select(NoticeLine).where(wanted).order_by(NoticeLine.sku)):
        lines[line.notice_id].append(NoticeLineOut.model_validate(line))
    return [
        NoticeOut(id=row.id, supplier=row.supplier, due_at=row.due_at, state=row.state, lines=lines[row.id])
        for row in rows
    ]

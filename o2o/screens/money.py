"""Money of an area's orders that waits for somebody, as its desk shows it."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from o2o.kit.wire import Wire
from o2o.orders.fulfilment import owing


class TroubleOut(Wire):
    """A capture, refund or void that did not go through, or goods never paid for."""

    id: uuid.UUID
    order_id: uuid.UUID
    order_no: str
    kind: str
    amount_fen: int
    state: str
    member: bool
    reason: str
    opened_at: datetime


def of_area(db: Session, *, area_id: uuid.UUID) -> list[TroubleOut]:
    """Those not over yet, the oldest first."""
    return [
        TroubleOut(
            id=one.trouble.id, order_id=one.trouble.order_id, order_no=one.order_no, kind=one.trouble.kind,
            amount_fen=one.trouble.amount_fen, state=one.trouble.state, member=one.member, reason=one.trouble.reason,
            opened_at=one.trouble.opened_at,
        )
        for one in owing.waiting(db, area_ids=[area_id])
    ]  # fmt: skip

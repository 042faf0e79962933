"""What a store has to do besides picking: shelves to count, goods on their way, lots about to run out, differences to clear."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from o2o.infra.http import Clerk, Db, NotAllowed, Now
from o2o.inventory.models import Count, Discrepancy, Lot, Notice, Transfer
from o2o.kit.wire import Wire
from o2o.orders import queries
from o2o.stores.models import StoreRow

router = APIRouter(prefix="/api/screens", tags=["screens"])

SOON_DAYS = 2
"""Lots whose last day is at most this far ahead want a look."""


class TodoOut(Wire):
    """How many of each wait for a hand. `arriving` are transfers on their way here, `leaving` planned ones from here."""

    counts: int
    arriving: int
    leaving: int
    deliveries: int
    returns: int
    expiring: int
    discrepancies: int


class StoreScreen(Wire):
    """The clerk's own store, and its work beside the orders."""

    id: uuid.UUID
    name_zh: str
    name_en: str
    todo: TodoOut
    server_at: datetime


@router.get(
    "/store", operation_id="store_screen", response_model=StoreScreen, summary="A store's work beside the orders"
)
def store_screen(caller: Clerk, db: Db, now: Now) -> StoreScreen:
    """The caller's store only."""
    if caller.store_id is None:
        raise NotAllowed(role=caller.role.value)
    store = db.get_one(StoreRow, caller.store_id)
    return StoreScreen(
        id=store.id, name_zh=store.name_zh, name_en=store.name_en, todo=_todo(db, store, now), server_at=now
    )


def _todo(db: Session, store: StoreRow, now: datetime) -> TodoOut:
    last_day = now.astimezone(ZoneInfo(store.timezone)).date() + timedelta(days=SOON_DAYS)

    def how_many(*those: ColumnElement[bool]) -> int:
        return db.scalar(select(func.count()).where(*those)) or 0

    return TodoOut(
        counts=how_many(Count.store_id == store.id, Count.state.in_(("requested", "counting", "counted"))),
        arriving=how_many(Transfer.to_store_id == store.id, Transfer.state == "in_transit"),
        leaving=how_many(Transfer.from_store_id == store.id, Transfer.state == "draft"),
        deliveries=how_many(Notice.store_id == store.id, Notice.state == "announced"),
        returns=len(queries.open_returns(db, store_id=store.id)),
        expiring=how_many(Lot.store_id == store.id, Lot.quantity > 0, Lot.expires_on <= last_day),
        discrepancies=how_many(Discrepancy.store_id == store.id, Discrepancy.closed_at.is_(None)),
    )

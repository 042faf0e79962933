"""Limited offers: a number of units set apart in buckets, so that a rush on one SKU does not queue at one row."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.infra import outbox
from o2o.inventory.events import StockChanged
from o2o.inventory.lines import Line, merged
from o2o.kit.errors import Conflict
from o2o.kit.ids import StoreId

BUCKETS = 16
"""As many as may usefully take at once on a small machine; PostgreSQL's own floor showed no gain beyond."""


class OfferNotPossible(Conflict):
    """Not as many are free for an offer, or one runs already."""

    code = "inventory.offer_not_possible"


class NoOffer(Conflict):
    """No offer of this runs here."""

    code = "inventory.no_offer"


def begin(
    db: Session,
    *,
    offer_id: uuid.UUID,
    store_id: StoreId | uuid.UUID,
    sku: str,
    quantity: int,
    now: datetime,
    buckets: int = BUCKETS,
) -> None:
    """Set `quantity` units apart; from now on the app sells exactly these, and what unpaid orders let lapse comes back to them.

    Raises:
        OfferNotPossible: fewer are free, or an offer runs. BadQuantity: below one.
    """
    merged([Line(sku, quantity)])
    opened = db.execute(
        text("SELECT inventory_flash_open(:offer, :store, :sku, :quantity, :buckets, :now)"),
        {"offer": offer_id, "store": store_id, "sku": sku, "quantity": quantity, "buckets": buckets, "now": now},
    ).scalar_one()
    if not opened:
        raise OfferNotPossible(sku=sku, wanted=quantity)
    outbox.emit(db, StockChanged(store_id=StoreId(store_id), skus=[sku]), now=now)


@dataclass(frozen=True, slots=True)
class Running:
    """A limited offer: what was set apart for it, when, and what nobody has taken yet."""

    store_id: uuid.UUID
    sku: str
    quantity: int
    left: int
    opened_at: datetime


def running(db: Session) -> list[Running]:
    """All limited offers that run, the newest first."""
    rows = db.execute(
        text(
            """select b.store_id, b.sku, o.delta as quantity, sum(b.free)::int as left, o.at as opened_at
            from flash_buckets b join lateral (select delta, at from stock_entries e where e.store_id = b.store_id
              and e.sku = b.sku and e.bucket = 'flash' and e.kind = 'flash_open' order by e.recorded_at desc limit 1) o on true
            group by b.store_id, b.sku, o.delta, o.at order by o.at desc, b.store_id, b.sku"""
        )
    )
    return [Running(row.store_id, row.sku, row.quantity, row.left, row.opened_at) for row in rows]


def end(db: Session, *, offer_id: uuid.UUID, store_id: StoreId | uuid.UUID, sku: str, now: datetime) -> int:
    """End the offer; returns how many units were left, which are ordinary stock again.

    Raises:
        NoOffer: none runs.
    """
    left = db.execute(
        text("SELECT inventory_flash_close(:offer, :store, :sku, :now)"),
        {"offer": offer_id, "store": store_id, "sku": sku, "now": now},
    ).scalar_one()
    if left is None:
        raise NoOffer(sku=sku)
    outbox.emit(db, StockChanged(store_id=StoreId(store_id), skus=[sku]), now=now)
    return int(left)

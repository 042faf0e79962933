"""A price changed by itself, and what a good has cost before."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue.models import PriceChangeRow, ProductRow
from o2o.infra import versions
from o2o.kit.ids import Sku
from o2o.kit.money import FEN_MAX, Fen


@dataclass(frozen=True, slots=True)
class PriceFrom:
    """What a good costs, or cost, from a moment on."""

    price_fen: Fen
    at: datetime


def change(db: Session, *, sku: Sku, price_fen: int, now: datetime) -> None:
    """A new price, which holds at once and everywhere. The price it has already changes nothing.

    Raises:
        goods.NoSuchGood
        goods.BadProduct: not an amount.
    """
    if not 0 <= price_fen <= FEN_MAX:
        raise goods.BadProduct(field="price_fen", sku=sku)
    changed = db.execute(
        update(ProductRow)
        .where(ProductRow.sku == sku, ProductRow.price_fen != price_fen)
        .values(price_fen=price_fen)
        .returning(ProductRow.sku)
    ).first()
    if changed is None:
        goods.get(db, sku=sku)
        return
    db.execute(insert(PriceChangeRow).values(sku=sku, price_fen=price_fen, at=now))
    versions.bump(db, goods.STAMP)


def history(db: Session, *, sku: Sku, limit: int = 50) -> list[PriceFrom]:
    """What a good has cost, the newest first.

    Raises:
        goods.NoSuchGood
    """
    goods.get(db, sku=sku)
    query = select(PriceChangeRow.price_fen, PriceChangeRow.at).where(PriceChangeRow.sku == sku)
    rows = db.execute(query.order_by(PriceChangeRow.id.desc()).limit(limit))
    return [PriceFrom(Fen(row.price_fen), row.at) for row in rows]

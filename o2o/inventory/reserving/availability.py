"""What may be promised: read without locks, with expired holds counted as free."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.infra import server_side
from o2o.infra.server_side import as_array
from o2o.kit.ids import Sku, StoreId

Channel = Literal["app", "till"]

_SELLABLE = text(
    """
    SELECT s.store_id, s.sku, s.on_hand - s.reserved - s.damaged - s.quality_control AS free,
           s.safety, s.threshold, s.offered AND NOT s.short AS offered, coalesce(e.quantity, 0) AS due, s.flash,
           CASE WHEN s.flash THEN inventory_flash_left(s.store_id, s.sku) + inventory_flash_due(s.store_id, s.sku, :now)
                ELSE 0 END AS limited
      FROM stock_items s
      LEFT JOIN (
        SELECT r.store_id, u.sku, sum(u.quantity)::int AS quantity
          FROM reservations r, unnest(r.skus, r.quantities) AS u(sku, quantity)
         WHERE r.state IN ('held', 'committed') AND r.state = 'held'
           AND r.store_id = ANY (CAST(:stores AS uuid[])) AND r.expires_at <= :now
         GROUP BY r.store_id, u.sku) e ON e.store_id = s.store_id AND e.sku = s.sku
     WHERE s.store_id = ANY (CAST(:stores AS uuid[])) AND s.sku = ANY (CAST(:skus AS text[]))
    """
)


_SHELVES = """
    SELECT json_agg(json_build_array(st.nr - 1, sk.nr - 1, s.short, s.threshold, coalesce(l.quantity, 0),
           CASE WHEN s.flash THEN inventory_flash_left(s.store_id, s.sku) + inventory_flash_due(s.store_id, s.sku, $3)
                ELSE coalesce(e.quantity, 0) + s.on_hand - s.reserved - s.damaged - s.quality_control - s.safety END))
      FROM stock_items s
      JOIN unnest($1::uuid[]) WITH ORDINALITY AS st(id, nr) ON st.id = s.store_id
      JOIN unnest($2::text[]) WITH ORDINALITY AS sk(id, nr) ON sk.id = s.sku
      LEFT JOIN (
        SELECT r.store_id, u.sku, sum(u.quantity)::int AS quantity
          FROM reservations r, unnest(r.skus, r.quantities) AS u(sku, quantity)
         WHERE r.state IN ('held', 'committed') AND r.state = 'held'
           AND r.store_id = ANY ($1::uuid[]) AND r.expires_at <= $3
         GROUP BY r.store_id, u.sku) e ON e.store_id = s.store_id AND e.sku = s.sku
      LEFT JOIN (
        SELECT store_id, sku, sum(quantity)::int AS quantity FROM stock_lots
         WHERE store_id = ANY ($1::uuid[]) AND sku = ANY ($2::text[])
           AND quantity > 0 AND NOT blocked AND expires_on <= $4
         GROUP BY store_id, sku) l ON l.store_id = s.store_id AND l.sku = s.sku
     WHERE s.store_id = ANY ($1::uuid[]) AND s.sku = ANY ($2::text[]) AND s.offered
"""
"""Rows say by number which store and SKU they are of: a choice between twenty stores reads hundreds."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store's shelf as the app may sell from it, by SKU in the order asked for: how many now (None where the store does not sell
    it at all), and how many of them soon run out of date."""

    left: list[int | None]
    expiring: list[int]


def shelves(
    db: Session,
    *,
    store_ids: Iterable[StoreId | uuid.UUID],
    skus: Iterable[Sku | str],
    now: datetime,
    expiring_by: date,
) -> list[Shelf]:
    """What `sellable` says for the app, with what choosing between stores needs besides, in one look; in the order of the stores."""
    stores, wanted = list(store_ids), list(skus)
    answer = [Shelf([None] * len(wanted), [0] * len(wanted)) for _ in stores]
    asked = (as_array(stores), as_array(wanted), now.isoformat(), expiring_by.isoformat())
    for store, sku, short, threshold, expiring, free in server_side.call(db, _SHELVES, *asked) or ():
        answer[store].left[sku] = free if not short and free >= max(threshold, 1) else 0
        answer[store].expiring[sku] = expiring
    return answer


def sellable(
    db: Session,
    *,
    store_ids: Iterable[StoreId | uuid.UUID],
    skus: Iterable[Sku | str],
    now: datetime,
    channel: Channel = "app",
) -> dict[tuple[StoreId, Sku], int]:
    """How many of each SKU each store may promise right now, every pair of them, 0 where it keeps none.

    For the app: on hand less reserved, safety stock, damaged and quality control, nothing where a rule keeps it out or fewer
    than its threshold are free. For the till: what is free on the shelf. Expired holds count as free; what they had of a limited
    offer, as of the offer again.
    """
    stores, wanted = list(dict.fromkeys(store_ids)), list(dict.fromkeys(skus))
    answer = {(StoreId(store), Sku(sku)): 0 for store in stores for sku in wanted}
    for row in db.execute(_SELLABLE, {"stores": stores, "skus": wanted, "now": now}):
        free = row.free + row.due
        if channel == "app":
            free = row.limited if row.flash else free - row.safety
            if not row.offered or free < row.threshold:
                free = 0
        answer[StoreId(row.store_id), Sku(row.sku)] = max(0, free)
    return answer

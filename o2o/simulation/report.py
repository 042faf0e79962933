"""What a simulated day came to: counted from the books, not from what players remember. The same day gives the same bytes."""

import hashlib
from collections import Counter
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

_COUNTS = """
select
  (select count(*) from orders where channel = 'app') as orders,
  (select count(*) from orders where channel = 'till') as till_sales,
  (select count(*) from orders where state in ('delivered', 'completed') and channel = 'app') as delivered,
  (select count(*) from orders where state = 'cancelled') as cancelled,
  (select count(*) from orders where state = 'expired') as expired,
  (select count(*) from orders where state = 'unfillable') as unfillable,
  (select count(*) from orders where state not in ('delivered', 'completed', 'cancelled', 'expired', 'unfillable')) as open,
  (select count(*) from order_refunds) as refunds,
  (select coalesce(sum(amount_fen), 0)::bigint from order_refunds) as refunded_fen,
  (select coalesce(sum(captured_fen - refunded_fen), 0)::bigint from payments) as kept_fen,
  (select count(*) from trips where state = 'completed') as trips,
  (select count(*) from rounds) as rounds,
  (select count(*) from rounds where jsonb_array_length(breaches) > 0) as unlawful_rounds,
  (select coalesce(sum(active + pending), 0)::bigint from members) as points,
  (select count(*) from stock_items s where s.reserved > greatest(s.on_hand, 0) and not exists
     (select from stock_discrepancies d where d.store_id = s.store_id and d.sku = s.sku and d.closed_at is null)) as oversold,
  (select count(*) from stock_discrepancies) as discrepancies
"""
_LATENESS = """
select d.ended_at > o.promise_by as late, extract(epoch from d.ended_at - o.promise_by)::int as late_s,
       extract(epoch from d.ended_at - o.placed_at)::int as took_s
from deliveries d join orders o on o.id = d.order_id where d.state = 'delivered' and d.kind = 'delivery' order by d.id
"""
_STATE = (
    "select id, state, total_fen, charged_fen, refunded_fen from orders order by id",
    "select store_id, sku, on_hand, reserved from stock_items order by store_id, sku",
    "select id, rider_id, state, distance_m from trips order by id",
    "select order_id, authorised_fen, captured_fen, refunded_fen from payments order by order_id, opened_at, id",
)


def write(db: Session, *, seed: int, begins: datetime, ends: datetime, counts: Counter[str]) -> dict[str, Any]:
    """The report of a day as plain values; `oversold`: shelves promised beyond
    what they have without anybody being told; `lost`: orders acknowledged and not there."""
    books = dict(db.execute(text(_COUNTS)).mappings().one())
    times = db.execute(text(_LATENESS)).all()
    late_s = sorted(row.late_s for row in times if row.late)
    took_s = sorted(row.took_s for row in times)
    ridden_m = counts["ridden_m"]
    return {
        "seed": seed,
        "begins": begins.isoformat(),
        "ends": ends.isoformat(),
        **{name: int(value) for name, value in books.items()},
        "lost": counts["orders placed"] - int(books["orders"]),
        "on_time": len(times) - len(late_s),
        "on_time_percent": round(100 * (1 - len(late_s) / len(times)), 1) if times else None,
        "late_s_p50": _at(late_s, 0.5),
        "late_s_p90": _at(late_s, 0.9),
        "click_to_door_s_p50": _at(took_s, 0.5),
        "click_to_door_s_p90": _at(took_s, 0.9),
        "rider_km": round(ridden_m / 1_000, 1),
        "km_a_delivery": round(ridden_m / 1_000 / len(times), 2) if times else None,
        "players": dict(sorted((name, n) for name, n in counts.items() if name != "ridden_m")),
        "digest": _digest(db),
    }


def _at(ranked: list[int], share: float) -> int | None:
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else None


def _digest(db: Session) -> str:
    """SHA-256 of where every order, shelf, trip and payment ended."""
    mark = hashlib.sha256()
    for query in _STATE:
        for row in db.execute(text(query)):
            mark.update(orjson.dumps([str(value) for value in row]))
    return mark.hexdigest()

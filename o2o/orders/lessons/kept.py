"""Which promises were kept, which stage lies, and whether nine of ten is nine of ten: read from what every order left beside its plan."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.kit.ids import StoreId
from o2o.orders.lessons import outcomes
from o2o.orders.promise import STANDARD
from o2o.stores import places

BINS = 8
_OF = "from promise_outcomes where method = 'delivery' and came_at >= :since and came_at < :until"
_SUMS = """count(*) as orders, count(*) filter (where late_s <= 0) as kept,
  percentile_disc(0.5) within group (order by promised_s) as promised_s, percentile_disc(0.5) within group (order by took_s) as took_s"""
_ALL = text(f"select {_SUMS} {_OF}")
_STORES = text(f"select store_id, {_SUMS} {_OF} group by store_id order by store_id")
_BINS = text(
    f"""select max(up_to) as up_to_s, {_SUMS} from
    (select *, promised_s as up_to, ntile(:bins) over (order by promised_s, shipment_id) as bin {_OF}) as sorted
    group by bin order by bin"""
)
_STAGES = text(
    f"""select stage, avg(planned)::int as planned_s, avg(took)::int as took_s, avg(took - planned)::int as bias_s,
      avg(abs(took - planned))::int as error_s, sum((took - planned) ^ 2) as squares from
    (select s.key as stage, (s.value ->> 'planned_s')::float as planned, (s.value ->> 'took_s')::float as took
     {_OF.replace("promise_outcomes", "promise_outcomes, jsonb_each(stages) as s")}) as each_one
    group by stage"""
)


@dataclass(frozen=True, slots=True)
class Report:
    """Plain rows, as the wire shows them."""

    all: dict[str, Any]
    stages: list[dict[str, Any]]
    stores: list[dict[str, Any]]
    calibration: list[dict[str, Any]]

    @property
    def lies_most(self) -> str | None:
        """The stage that most of the error comes from."""
        return max(self.stages, key=lambda one: float(one["share"]))["stage"] if self.stages else None


def read(db: Session, *, since: datetime, until: datetime) -> Report:
    """Of the deliveries that came within a span of time."""
    span = {"since": since, "until": until}
    stores = [dict(row) for row in db.execute(_STORES, span).mappings()]
    store_ids = [StoreId(row["store_id"]) for row in stores]
    margins = outcomes.of_stores(db, store_ids=store_ids, delivery=True)
    return Report(
        all=_kept(dict(db.execute(_ALL, span).mappings().one())),
        stages=_stages(db, span),
        stores=[
            _named(db, StoreId(row.pop("store_id"))) | {"margin": round(margins[one].margin(), 2)} | _kept(row)
            for row, one in zip(stores, store_ids, strict=True)
        ],
        calibration=[_kept(dict(row)) for row in db.execute(_BINS, span | {"bins": BINS}).mappings()],
    )


def _stages(db: Session, span: dict[str, datetime]) -> list[dict[str, Any]]:
    rows = {row["stage"]: dict(row) for row in db.execute(_STAGES, span).mappings()}
    total = sum(row["squares"] for row in rows.values()) or 1.0
    return [
        {name: value for name, value in rows[stage].items() if name != "squares"}
        | {"share": round(rows[stage]["squares"] / total, 3)}
        for stage in STANDARD.usual_s
        if stage in rows
    ]


def _named(db: Session, store_id: uuid.UUID) -> dict[str, Any]:
    store = places.get(db, store_id=StoreId(store_id))
    return {"store_id": store_id, "store_zh": store.name_zh, "store_en": store.name_en}


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """Counts as a share with E. B. Wilson's score interval (JASA 22, 1927) at 95 %."""
    n, kept = row["orders"], row["kept"]
    if not n:
        return row | {"kept": None, "kept_from": None, "kept_to": None}
    share, wide = kept / n, 1.96**2 / n
    middle = (share + wide / 2) / (1 + wide)
    reach = 1.96 * sqrt(share * (1 - share) / n + wide / (4 * n)) / (1 + wide)
    return row | {
        "kept": round(share, 3),
        "kept_from": round(middle - reach, 3),
        "kept_to": round(middle + reach, 3),
    }

"""Baskets that found no store: the quote that is refused leaves what was known, so that lost demand can be counted and looser
rules be tried on it.

A quote only reads, so what it leaves goes to Valkey, once a customer and hour and at most so many a day; a duty moves it to its
table and forgets the oldest. Nothing of this touches a quote that succeeds. Places are kept to about a hundred metres.
"""

import json
import uuid
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

import redis
import structlog
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.geo.lonlat import LonLat
from o2o.kit import ids
from o2o.kit.clock import TimeWindow
from o2o.orders.models import LostBasket
from o2o.orders.sourcing.facts import Ask
from o2o.orders.sourcing.ranking import Ranking
from o2o.orders.sourcing.verdicts import Verdict

MOST_A_DAY = 5_000
"""Baskets kept of one day, 1 to 3 kB each; a report says when there were more."""
KEPT_DAYS = 30
AT_ONCE = 500
REGAINED_WITHIN = timedelta(hours=2)
"""A customer who orders so soon after was not lost."""
PLACES_SHOWN = 2_000
_DAY_S, _HOUR_S = 2 * 86_400, 3_600
_WAITING = "lost:waiting"
_ORDER = list(Verdict)
_log = structlog.get_logger(__name__)


class Sourced(Protocol):
    """What the quote found out before it was refused."""

    @property
    def ask(self) -> Ask:
        """What was wanted."""

    @property
    def ranking(self) -> Ranking:
        """Who could not, and why."""

    def kept(self) -> dict[str, Any]:
        """The decision as it is kept."""


def note(valkey: "redis.Redis", *, found: Sourced, member_id: uuid.UUID, point: LonLat | None, now: datetime) -> None:
    """Leave word of a refused basket. A customer who tries again within the hour is not counted again; without Valkey it is not kept."""
    ask = found.ask
    try:
        if not valkey.set(f"lost:by:{member_id}:{int(now.timestamp()) // _HOUR_S}", 1, nx=True, ex=_HOUR_S):
            return
        day = f"lost:day:{now:%Y-%m-%d}"
        if valkey.incr(day) > MOST_A_DAY:
            return
        valkey.expire(day, _DAY_S)
        kept = found.kept()
        left = {
            "id": str(ids.new_id()),
            "member_id": str(member_id),
            "asked_at": now.isoformat(),
            "method": "delivery" if ask.delivery else "pickup",
            "lon": round(point.lon, 3) if point else None,
            "lat": round(point.lat, 3) if point else None,
            "goods_fen": ask.goods_fen,
            "cause": cause_of(found.ranking),
            "rules": kept["rules"],
            "text": kept["text"],
        }
        valkey.rpush(_WAITING, json.dumps(left))
    except redis.RedisError as trouble:
        _log.warning("lost_basket.not_kept", error=type(trouble).__name__)


def cause_of(found: Ranking) -> str:
    """What kept the basket from the store that came nearest to taking it: the verdict that is looked for last."""
    verdicts = [one.verdict for one in found.assessed if one.verdict is not None]
    return max(verdicts, key=_ORDER.index, default=Verdict.OUTSIDE_AREA).value


def keep(db: Session, valkey: "redis.Redis", *, now: datetime) -> int:
    """Move what was left to the table, and forget what is too old; returns how many were kept."""
    waiting = cast(list[str], valkey.lpop(_WAITING, AT_ONCE) or [])
    if waiting:
        rows = [_row(json.loads(one)) for one in waiting]
        db.execute(insert(LostBasket).on_conflict_do_nothing(), rows)
    db.execute(delete(LostBasket).where(LostBasket.asked_at < now - timedelta(days=KEPT_DAYS)))
    return len(waiting)


def _row(left: dict[str, Any]) -> dict[str, Any]:
    return left | {
        "id": uuid.UUID(left["id"]),
        "member_id": uuid.UUID(left["member_id"]),
        "asked_at": datetime.fromisoformat(left["asked_at"]),
    }


@dataclass(frozen=True, slots=True)
class Lost:
    """One basket that found no store."""

    id: uuid.UUID
    asked_at: datetime
    cause: str
    goods_fen: int
    version: int
    text: str


def count(db: Session, *, span: TimeWindow) -> int:
    """How many there are of a span of time."""
    asked = (LostBasket.asked_at >= span.start) & (LostBasket.asked_at < span.end)
    return db.scalar(select(func.count()).select_from(LostBasket).where(asked)) or 0


def within(db: Session, *, span: TimeWindow, after: int = 0) -> Generator[Lost]:
    """The baskets of a span of time, the oldest first, without the first `after`."""
    query = (
        select(
            LostBasket.id,
            LostBasket.asked_at,
            LostBasket.cause,
            LostBasket.goods_fen,
            LostBasket.rules,
            LostBasket.text,
        )
        .where(LostBasket.asked_at >= span.start, LostBasket.asked_at < span.end)
        .order_by(LostBasket.asked_at, LostBasket.id)
        .offset(after)
    )
    with db.execute(query.execution_options(yield_per=AT_ONCE)) as found:
        for row in found:
            yield Lost(*row)


@dataclass(frozen=True, slots=True)
class Report:
    """Demand lost in a span of time: by cause, by hour and by place. `regained`: its customer ordered soon after all the same."""

    baskets: int = 0
    regained: int = 0
    goods_fen: int = 0
    """Of those that were not regained."""
    causes: list[dict[str, Any]] = field(default_factory=list)
    hours: list[dict[str, Any]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = True
    """False where a day had more than are kept."""


_FOUND = """with found as (select l.*, exists (select 1 from orders o where o.member_id = l.member_id and o.channel = 'app'
    and o.placed_at >= l.asked_at and o.placed_at < l.asked_at + :soon) as regained
  from lost_baskets l where l.asked_at >= :since and l.asked_at < :until) """
_SUMS = """count(*) as baskets, count(*) filter (where regained) as regained,
  coalesce(sum(goods_fen) filter (where not regained), 0)::bigint as goods_fen"""
_ALL = text(f"{_FOUND} select {_SUMS} from found")
_CAUSES = text(f"{_FOUND} select cause, {_SUMS} from found group by cause order by 4 desc, cause")
_HOURS = text(f"{_FOUND} select date_trunc('hour', asked_at) as at, {_SUMS} from found group by 1 order by 1")
_PLACES = text(
    f"{_FOUND} select lon, lat, cause, {_SUMS} from found where lon is not null group by lon, lat, cause"
    " order by 4 desc, lon, lat, cause limit :most"
)
_FULLEST = text(
    "select coalesce(max(n), 0) from (select count(*) as n from lost_baskets where asked_at >= :since and asked_at < :until"
    " group by (asked_at at time zone 'UTC')::date) as days"
)


def report(db: Session, *, span: TimeWindow) -> Report:
    """What a span of time lost."""
    asked = {"since": span.start, "until": span.end, "soon": REGAINED_WITHIN}
    return Report(
        **db.execute(_ALL, asked).mappings().one(),
        causes=[dict(row) for row in db.execute(_CAUSES, asked).mappings()],
        hours=[dict(row) for row in db.execute(_HOURS, asked).mappings()],
        places=[dict(row) for row in db.execute(_PLACES, asked | {"most": PLACES_SHOWN}).mappings()],
        complete=db.execute(_FULLEST, asked).scalar_one() < MOST_A_DAY,
    )

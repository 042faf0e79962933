"""From basket to quote: what it costs, which stores, when. Accepting it is `acceptance`."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue.goods import Good
from o2o.geo.lonlat import LonLat
from o2o.infra.tools import Tools
from o2o.kit.errors import Conflict
from o2o.kit.ids import MemberId, Sku, StoreId
from o2o.kit.values import value
from o2o.membership import coupons, points, rules
from o2o.orders import pricing
from o2o.orders.choices import lost
from o2o.orders.pricing import Item, Priced
from o2o.orders.promise import FulfilmentPlan
from o2o.orders.quoting import quotes, slots, survey
from o2o.orders.quoting.quotes import BadBasket, Part, Terms
from o2o.orders.quoting.survey import Wish
from o2o.stores.snapshot import StoreInfo

LINES_MAX = 60
QUANTITY_MAX = 999


class NotSold(Conflict):
    """Some goods are not sold any more; `skus` names them."""

    code = "orders.not_sold"


@value(frozen=True, slots=True)
class QuotedPart:
    """What one store brings, how far it is, and when it arrives."""

    store: StoreInfo
    distance_m: int
    lines: tuple[tuple[Sku, int], ...]
    plan: FulfilmentPlan


@value(frozen=True, slots=True)
class Quote:
    """A basket's price, stores and promise. `token` is what the customer sends back to accept it."""

    token: str
    expires_at: datetime
    parts: tuple[QuotedPart, ...]
    priced: Priced
    goods: Mapping[Sku, Good]
    why: dict[str, Any]


def quote(
    db: Session,
    *,
    member_id: MemberId,
    lines: Sequence[tuple[Sku, int]],
    point: LonLat | None,
    method: str,
    now: datetime,
    tools: Tools,
    store_id: StoreId | None = None,
    coupon_id: uuid.UUID | None = None,
    points_asked: int = 0,
    slot_id: str | None = None,
) -> Quote:
    """Price a basket, choose its store, promise its arrival. Reads only.

    Points are used as far as the member has them and rules allow. With `slot_id` the store of that window brings it within it.

    Raises:
        BadBasket: no lines, too many, a quantity out of range, a delivery without a point.
        NotSold: unknown or withdrawn goods.
        survey.OutOfArea, survey.Unserved, survey.NoStore, slots.NoSlot, slots.SlotFull
        coupons.NoSuchCoupon, coupons.NotUsable, coupons.BelowThreshold
    """
    wanted = _checked(lines, point, method)
    found = _sold(db, wanted)
    items = [item(found[sku], quantity) for sku, quantity in wanted.items()]
    goods_fen = sum(pricing.gross(one) for one in items)
    wish = _wish(db, Wish(found, wanted, goods_fen, method == "delivery", point, store_id), slot_id, now)
    sourced = survey.rank(db, wish=wish, roads=tools.roads, now=now)
    best = sourced.ranking.choice
    if best is None:
        lost.note(tools.valkey, found=sourced, member_id=member_id, point=point, now=now)
        raise survey.refusal(db, wish=wish, found=sourced, now=now)
    priced = _price(db, member_id, items, coupon_id, points_asked, best.fee_fen, now)
    terms = Terms(
        member_id=member_id,
        method=method,
        lines=tuple((line.sku, line.quantity, line.unit_price_fen) for line in priced.lines),
        point=(point.lon, point.lat) if point else None,
        coupon_id=coupon_id if priced.coupon_fen else None,
        coupon_fen=priced.coupon_fen,
        points=priced.points,
        points_fen=priced.points_fen,
        fee_fen=priced.fee_fen,
        total_fen=priced.total_fen,
        offers=sourced.offers(),
        why=sourced.kept(),
        quoted_at=now,
        slot_id=slot_id,
    )
    token = quotes.seal(terms, secret=tools.settings.token_secret.get_secret_value())
    parts = tuple(_quoted(part, sourced) for part in terms.offers[0].parts)
    return Quote(token, terms.expires_at, parts, priced, found, sourced.why())


def _wish(db: Session, wish: Wish, slot_id: str | None, now: datetime) -> Wish:
    """The wish at the chosen window, if there is one and it has room."""
    if slot_id is None:
        return wish
    slot = slots.named(db, slot_id=slot_id, now=now)
    weight_g = sum(wish.goods[sku].weight_g * n for sku, n in wish.wanted.items())
    work_s = slots.work_s(db, slot=slot, lines=len(wish.wanted), weight_g=weight_g)
    slots.check(db, slot=slot, work_s=work_s, delivery=wish.delivery, now=now)
    return replace(wish, slot=slot, store_id=wish.store_id if wish.delivery else slot.store_id, divisible=False)


def item(good: Good, quantity: int) -> Item:
    """A wanted line with its price of this moment."""
    return Item(good.sku, quantity, good.price_fen, good.weighed, good.weight_g)


def _checked(lines: Sequence[tuple[Sku, int]], point: LonLat | None, method: str) -> dict[Sku, int]:
    if not 0 < len(lines) <= LINES_MAX:
        raise BadBasket(field="lines", most=LINES_MAX)
    if method == "delivery" and point is None:
        raise BadBasket(field="point")
    wanted = pricing.merged(lines)
    for sku, quantity in wanted.items():
        if not 0 < quantity <= QUANTITY_MAX:
            raise BadBasket(field="lines.quantity", sku=sku, most=QUANTITY_MAX)
    return wanted


def _sold(db: Session, wanted: Mapping[Sku, int]) -> dict[Sku, Good]:
    found = goods.get_many(db, skus=list(wanted))
    gone = [sku for sku in wanted if sku not in found or not found[sku].active]
    if gone:
        raise NotSold(field="lines", skus=gone)
    return found


def _price(
    db: Session,
    member_id: MemberId,
    items: list[Item],
    coupon_id: uuid.UUID | None,
    asked: int,
    fee_fen: int,
    now: datetime,
) -> Priced:
    goods_fen = sum(pricing.gross(one) for one in items)
    coupon_fen = 0
    if coupon_id is not None:
        coupon_fen = coupons.discount(db, member_id=member_id, coupon_id=coupon_id, goods_fen=goods_fen, now=now)
    used = 0
    if asked:
        spendable = points.spendable(db, member_id=member_id, now=now)
        used = min(asked, rules.most_points(spendable, goods_fen - min(coupon_fen, goods_fen)))
    return pricing.price_basket(
        items, coupon_fen=coupon_fen, points=used, points_fen=rules.value_fen(used), fee_fen=fee_fen
    )


def _quoted(part: Part, sourced: survey.Found) -> QuotedPart:
    place = sourced.visits[StoreId(part.store_id)].place
    return QuotedPart(place.store, place.distance_m, part.lines, part.plan)

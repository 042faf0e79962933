"""Whether a quote still holds: prices, stock, stores, promise, coupon and points as they are in the transaction that accepts it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue.goods import Good
from o2o.inventory import availability
from o2o.kit.ids import MemberId, OrderId, Sku, StoreId
from o2o.membership import coupons, points
from o2o.orders import pricing
from o2o.orders.pricing import Item, Priced
from o2o.orders.quotes import Offer, Part, QuoteChanged, Terms
from o2o.stores import places
from o2o.stores.snapshot import StoreInfo


def agreed_goods(db: Session, terms: Terms) -> dict[Sku, Good]:
    """The goods as they are this moment, when their prices are still the quoted ones."""
    found = goods.get_many(db, skus=[sku for sku, _, _ in terms.lines], fresh=True)
    changed = [
        {"sku": sku, "was_fen": price, "now_fen": found[sku].price_fen if sku in found and found[sku].active else None}
        for sku, _, price in terms.lines
        if sku not in found or not found[sku].active or found[sku].price_fen != price
    ]
    if changed:
        raise QuoteChanged(changed=["price"], prices=changed)
    return found


def still_able(db: Session, terms: Terms, *, now: datetime) -> list[Offer]:
    """The quoted ways whose stores are still open and have everything, by an unlocked look, so that sold-out goods cost no writes."""
    awake = [
        offer
        for offer in terms.offers
        if all(_awake(places.get(db, store_id=StoreId(part.store_id)), part, now) for part in offer.parts)
    ]
    if not awake:
        raise QuoteChanged(changed=["store"])
    store_ids = {part.store_id for offer in awake for part in offer.parts}
    left = availability.sellable(db, store_ids=store_ids, skus=list(terms.wanted), now=now)
    able = [offer for offer in awake if not _short(offer, left)]
    if not able:
        raise QuoteChanged(changed=["stock"], short=_short(awake[0], left))
    check_promise(able[0], terms)
    return able


def _short(offer: Offer, left: Mapping[tuple[StoreId, Sku], int]) -> list[dict[str, object]]:
    return [
        {"sku": sku, "wanted": quantity, "left": left[StoreId(part.store_id), sku]}
        for part in offer.parts
        for sku, quantity in part.lines
        if left[StoreId(part.store_id), sku] < quantity
    ]


def _awake(store: StoreInfo, part: Part, now: datetime) -> bool:
    """Whether the store takes orders now, or when its work is agreed on for later, then."""
    return store.is_open(part.plan.ready_at if part.plan.agreed else now)


def check_promise(offer: Offer, terms: Terms) -> None:
    """Other stores may take over only where the customer gets no less than was promised."""
    promised, possible = terms.promised.arrive_by, offer.last.plan.arrive_by
    if possible > promised:
        raise QuoteChanged(changed=["store", "promise"], promised_by=promised, possible_by=possible)


def settle_discounts(
    db: Session, terms: Terms, *, order_id: OrderId, member_id: MemberId, items: list[Item], now: datetime
) -> Priced:
    """Lock the coupon and the points for this order, and price the basket with them: it must come to the quoted total."""
    goods_fen = sum(pricing.gross(one) for one in items)
    coupon_fen = 0
    if terms.coupon_id is not None:
        coupon_fen = coupons.redeem(
            db, member_id=member_id, coupon_id=terms.coupon_id, order_id=order_id, goods_fen=goods_fen, now=now
        )
    points_fen = points.hold(db, member_id=member_id, order_id=order_id, points=terms.points, now=now)
    priced = pricing.price_basket(
        items, coupon_fen=coupon_fen, points=terms.points, points_fen=points_fen, fee_fen=terms.fee_fen
    )
    if priced.total_fen != terms.total_fen:
        raise QuoteChanged(changed=["price"], quoted_fen=terms.total_fen, now_fen=priced.total_fen)
    return priced

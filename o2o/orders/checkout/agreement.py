"""Whether a quote still holds: prices, stock, stores, promise, coupon and points as they are in the transaction that accepts it."""

from datetime import datetime

from sqlalchemy.orm import Session

from o2o.inventory.reserving import availability
from o2o.kit.ids import MemberId, OrderId, StoreId
from o2o.membership import coupons, points
from o2o.orders import pricing
from o2o.orders.pricing import Item, Priced
from o2o.orders.quoting.quotes import Offer, Part, QuoteChanged, Terms
from o2o.stores import places
from o2o.stores.snapshot import StoreInfo


def ways(db: Session, terms: Terms, *, now: datetime) -> list[Offer]:
    """The quoted ways whose stores are open still; those that would arrive later than was promised are none.

    Raises:
        QuoteChanged: no way is left.
    """
    awake = _awake(db, terms, now)
    if not awake:
        raise QuoteChanged(changed=["store"])
    in_time = [offer for offer in awake if offer.last.plan.arrive_by <= terms.promised.arrive_by]
    if not in_time:
        raise _too_late(terms, awake[0])
    return in_time


def refusal(db: Session, terms: Terms, short: list[dict[str, object]], *, now: datetime) -> QuoteChanged:
    """Why an order whose goods are short cannot stand: nobody has them, or who has them would come later than was promised."""
    later = [offer for offer in _awake(db, terms, now) if offer.last.plan.arrive_by > terms.promised.arrive_by]
    if later:
        store_ids = {part.store_id for offer in later for part in offer.parts}
        left = availability.sellable(db, store_ids=store_ids, skus=list(terms.wanted), now=now)
        able = [o for o in later if all(left[StoreId(p.store_id), sku] >= n for p in o.parts for sku, n in p.lines)]
        if able:
            return _too_late(terms, able[0])
    return QuoteChanged(changed=["stock"], short=short)


def _too_late(terms: Terms, offer: Offer) -> QuoteChanged:
    """Other stores may take over only where the customer gets no less than was promised."""
    possible = offer.last.plan.arrive_by
    return QuoteChanged(changed=["store", "promise"], promised_by=terms.promised.arrive_by, possible_by=possible)


def _awake(db: Session, terms: Terms, now: datetime) -> list[Offer]:
    return [
        offer
        for offer in terms.offers
        if all(_is_open(places.get(db, store_id=StoreId(part.store_id)), part, now) for part in offer.parts)
    ]


def _is_open(store: StoreInfo, part: Part, now: datetime) -> bool:
    """Whether the store takes orders now, or when its work is agreed on for later, then."""
    return store.is_open(part.plan.ready_at if part.plan.agreed else now)


def settle_discounts(
    db: Session, terms: Terms, *, order_id: OrderId, member_id: MemberId, items: list[Item], now: datetime
) -> Priced:
    """Lock the coupon and the points for this order, if it has any, and price the basket with them: it must come to the quoted
    total.
    """
    goods_fen = sum(pricing.gross(one) for one in items)
    coupon_fen = 0
    if terms.coupon_id is not None:
        coupon_fen = coupons.redeem(
            db, member_id=member_id, coupon_id=terms.coupon_id, order_id=order_id, goods_fen=goods_fen, now=now
        )
    points_fen = 0
    if terms.points:
        points_fen = points.hold(db, member_id=member_id, order_id=order_id, points=terms.points, now=now)
    priced = pricing.price_basket(
        items, coupon_fen=coupon_fen, points=terms.points, points_fen=points_fen, fee_fen=terms.fee_fen
    )
    if priced.total_fen != terms.total_fen:
        raise QuoteChanged(changed=["price"], quoted_fen=terms.total_fen, now_fen=priced.total_fen)
    return priced

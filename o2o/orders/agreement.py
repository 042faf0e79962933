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
from o2o.orders.quotes import Offer, QuoteChanged, Terms
from o2o.stores import hours, places
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


def still_able(db: Session, terms: Terms, *, wanted: Mapping[Sku, int], now: datetime) -> list[Offer]:
    """The quoted stores that are still open and have everything, by an unlocked look, so that sold-out goods cost no writes."""
    awake = [o for o in terms.offers if _awake(places.get(db, store_id=StoreId(o.store_id)), now)]
    if not awake:
        raise QuoteChanged(changed=["store"])
    left = availability.sellable(db, store_ids=[o.store_id for o in awake], skus=list(wanted), now=now)
    able = [o for o in awake if all(left[StoreId(o.store_id), sku] >= n for sku, n in wanted.items())]
    if not able:
        store_id = StoreId(awake[0].store_id)
        short = [
            {"sku": sku, "wanted": n, "left": left[store_id, sku]}
            for sku, n in wanted.items()
            if left[store_id, sku] < n
        ]
        raise QuoteChanged(changed=["stock"], short=short)
    check_promise(able[0], terms)
    return able


def _awake(store: StoreInfo, now: datetime) -> bool:
    return store.open and hours.is_open(store.hours, now)


def check_promise(offer: Offer, terms: Terms) -> None:
    """Another store may take over only where the customer gets no less than was promised."""
    promised = terms.offers[0].plan.arrive_by
    if offer.plan.arrive_by > promised:
        raise QuoteChanged(changed=["store", "promise"], promised_by=promised, possible_by=offer.plan.arrive_by)


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

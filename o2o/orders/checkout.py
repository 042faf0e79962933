"""From basket to order: what it costs, which store, when; then reserve and assign in one transaction.

To reserve is to choose: stock lives in stores. The guarded stock update comes last, so that a hot row is locked for as short as can be.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue.goods import Good
from o2o.geo.lonlat import LonLat
from o2o.infra import outbox
from o2o.infra.tools import Tools
from o2o.inventory import reservations
from o2o.inventory.lines import Line
from o2o.inventory.reservations import Hold
from o2o.kit import ids
from o2o.kit.errors import Conflict, Invalid
from o2o.kit.ids import MemberId, OrderId, Sku, StoreId
from o2o.membership import coupons, points, rules
from o2o.orders import agreement, pricing, promise, quotes, records, settlement, slots, survey
from o2o.orders.events import OrderPlaced
from o2o.orders.lifecycle import OrderState, ShipmentState
from o2o.orders.pricing import Item, Priced
from o2o.orders.promise import FulfilmentPlan
from o2o.orders.quotes import Offer, Part, QuoteChanged, Terms
from o2o.orders.survey import Wish
from o2o.payments import intents
from o2o.stores import places
from o2o.stores.snapshot import StoreInfo

LINES_MAX = 60
QUANTITY_MAX = 999


class BadBasket(Invalid):
    """The basket cannot be read as meant; `field` says which part."""

    code = "orders.bad_basket"


class NotSold(Conflict):
    """Some goods are not sold any more; `skus` names them."""

    code = "orders.not_sold"


class Unserved(Conflict):
    """No store can take this basket now; `considered` says for each store why."""

    code = "orders.unserved"


@dataclass(frozen=True, slots=True)
class QuotedPart:
    """What one store brings, how far it is, and when it arrives."""

    store: StoreInfo
    distance_m: int
    lines: tuple[tuple[Sku, int], ...]
    plan: FulfilmentPlan


@dataclass(frozen=True, slots=True)
class Quote:
    """A basket's price, stores and promise. `token` is what the customer sends back to accept it."""

    token: str
    expires_at: datetime
    parts: tuple[QuotedPart, ...]
    priced: Priced
    goods: Mapping[Sku, Good]
    why: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that stands. `pay_ref` is the provider's reference, None when there is nothing to pay."""

    order_id: OrderId
    order_no: str
    state: OrderState
    store_id: StoreId
    total_fen: int
    pay_ref: str | None
    pay_by: datetime
    promise_from: datetime
    promise_by: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """Where and to whom: a readable address, a name, a phone, and what else the rider should know."""

    text: str
    name: str
    phone: str
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """The address as it is kept with the order."""
        return {"text": self.text, "name": self.name, "phone": self.phone, "detail": self.detail}


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
        survey.OutOfArea, survey.NoStore, Unserved, slots.NoSlot, slots.SlotFull
        coupons.NoSuchCoupon, coupons.NotUsable, coupons.BelowThreshold
    """
    wanted = _checked(lines, point, method)
    found = _sold(db, wanted, fresh=False)
    items = [item(found[sku], quantity) for sku, quantity in wanted.items()]
    goods_fen = sum(pricing.gross(one) for one in items)
    wish = _wish(db, Wish(found, wanted, goods_fen, method == "delivery", point, store_id), slot_id, now)
    sourced = survey.rank(db, wish=wish, roads=tools.roads, now=now)
    best = sourced.ranking.choice
    if best is None:
        raise Unserved(**sourced.why())
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
    parts = tuple(_quoted(db, part, sourced) for part in terms.offers[0].parts)
    return Quote(token, terms.expires_at, parts, priced, found, sourced.why())


def place_order(
    db: Session,
    *,
    order_id: OrderId,
    member_id: MemberId,
    token: str,
    now: datetime,
    tools: Tools,
    contact: Contact | None = None,
    preference: str = "ask",
    note: str = "",
) -> Placed:
    """Accept a quote: the order stands at exactly the quoted total, its goods are held, and its payment is awaited.

    Raises:
        quotes.BadQuote, quotes.QuoteExpired
        quotes.QuoteChanged: `changed` names what: price, stock, store, promise, coupon, points. Nothing was written.
        slots.SlotFull: somebody else took the last of the chosen window.
        BadBasket: a delivery without an address.
    """
    terms = quotes.unseal(token, member_id=member_id, secret=tools.settings.token_secret.get_secret_value(), now=now)
    if terms.method == "delivery" and contact is None:
        raise BadBasket(field="address")
    found = agreement.agreed_goods(db, terms)
    offers = agreement.still_able(db, terms, now=now)
    items = [item(found[sku], quantity) for sku, quantity in terms.wanted.items()]
    priced = agreement.settle_discounts(db, terms, order_id=order_id, member_id=member_id, items=items, now=now)
    pay_by = now + timedelta(seconds=tools.settings.payment_window_s)
    number = _write(db, order_id, terms, priced, found, contact, preference, note, offers[0], pay_by, now)
    pay_ref = None
    if priced.total_fen:
        pay_ref = intents.open(
            db,
            payment_id=ids.new_id(),
            order_id=order_id,
            member_id=member_id,
            amount_fen=priced.total_fen,
            expires_at=pay_by,
            now=now,
        )
    store_id = offers[0].parts[0].store_id
    outbox.emit(db, OrderPlaced(order_id=order_id, store_id=store_id, member_id=member_id), now=now)
    if terms.slot_id is not None:
        _take_slot(db, order_id, terms.slot_id, found, terms, pay_by, now)
    taken = _hold(db, order_id, offers, terms, pay_by, now)
    if not priced.total_fen:
        settlement.paid(db, order_id=order_id, now=now)
    state = OrderState.PLACED if priced.total_fen else OrderState.PAID
    return Placed(
        order_id, number, state, StoreId(taken.parts[0].store_id), priced.total_fen, pay_ref, pay_by,
        taken.last.plan.arrive_from, terms.promised.arrive_by,
    )  # fmt: skip


def _wish(db: Session, wish: Wish, slot_id: str | None, now: datetime) -> Wish:
    """The wish at the chosen window, if there is one and it has room."""
    if slot_id is None:
        return wish
    slot = slots.named(db, slot_id=slot_id, now=now)
    work_s = _work_s(db, slot, len(wish.wanted), sum(wish.goods[sku].weight_g * n for sku, n in wish.wanted.items()))
    slots.check(db, slot=slot, work_s=work_s, delivery=wish.delivery, now=now)
    return replace(wish, slot=slot, store_id=wish.store_id if wish.delivery else slot.store_id, divisible=False)


def _take_slot(
    db: Session,
    order_id: OrderId,
    slot_id: str,
    found: Mapping[Sku, Good],
    terms: Terms,
    until: datetime,
    now: datetime,
) -> None:
    slot = slots.read(slot_id)
    work_s = _work_s(db, slot, len(terms.wanted), sum(found[sku].weight_g * n for sku, n in terms.wanted.items()))
    delivery = terms.method == "delivery"
    slots.hold(db, order_id=order_id, slot=slot, work_s=work_s, delivery=delivery, until=until, now=now)


def _work_s(db: Session, slot: slots.Slot, lines: int, weight_g: int) -> int:
    line_s = places.get(db, store_id=slot.store_id).pick_line_s
    return promise.pick_work_s(lines, weight_g, line_s=line_s)


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


def _sold(db: Session, wanted: Mapping[Sku, int], *, fresh: bool) -> dict[Sku, Good]:
    found = goods.get_many(db, skus=list(wanted), fresh=fresh)
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


def _quoted(db: Session, part: Part, sourced: survey.Found) -> QuotedPart:
    store = places.get(db, store_id=StoreId(part.store_id))
    return QuotedPart(store, sourced.distance_m(part.store_id), part.lines, part.plan)


def _shipments(offer: Offer, terms: Terms) -> list[records.NewShipment]:
    return [
        records.NewShipment(
            id=ids.new_id(),
            store_id=part.store_id,
            area_id=part.area_id,
            task_id=ids.new_id(),
            reservation_id=ids.new_id(),
            lines=tuple(sorted(part.lines)),
            plan=quotes.plan_to_json(part.plan) | ({"decision": terms.why} if leg == 1 else {}),
            leg=leg,
        )
        for leg, part in enumerate(offer.parts, start=1)
    ]


def _write(
    db: Session,
    order_id: OrderId,
    terms: Terms,
    priced: Priced,
    found: Mapping[Sku, Good],
    contact: Contact | None,
    preference: str,
    note: str,
    offer: Offer,
    pay_by: datetime,
    now: datetime,
) -> str:
    kept = [found[line.sku] for line in priced.lines]
    order = records.NewOrder(
        id=order_id,
        member_id=terms.member_id,
        channel="app",
        method=terms.method,
        state=OrderState.PLACED,
        store_id=None if terms.method == "delivery" else offer.parts[0].store_id,
        priced=priced,
        lon=terms.point[0] if terms.point else None,
        lat=terms.point[1] if terms.point else None,
        address=contact.as_json() if contact else {},
        preference=preference,
        note=note,
        coupon_id=terms.coupon_id,
        promise_from=offer.last.plan.arrive_from,
        promise_by=terms.promised.arrive_by,
        pay_by=pay_by,
        due_at=pay_by,
    )
    kept_goods = [records.Goods(g.name_zh, g.name_en, g.weighed, g.weight_g) for g in kept]
    return records.write(db, order, kept_goods, at=now, now=now)


def _hold(
    db: Session, order_id: OrderId, offers: Sequence[Offer], terms: Terms, until: datetime, now: datetime
) -> Offer:
    """Hold what the best way needs, all parts or none, else the next way; a refused hold leaves the transaction as it was."""
    for nth, offer in enumerate(offers):
        if nth:
            agreement.check_promise(offer, terms)
            records.drop_held(db, order_id)
        shipments = _shipments(offer, terms)
        records.add_shipments(db, order_id, shipments, state=ShipmentState.HELD, now=now)
        holds = [Hold(s.reservation_id, s.store_id, [Line(*line) for line in s.lines]) for s in shipments]
        try:
            reservations.hold_all(db, order_id=order_id, holds=holds, expires_at=until, now=now)
        except reservations.OutOfStock as refusal:
            last = refusal
            continue
        return offer
    raise QuoteChanged(changed=["stock"], short=[last.facts])

"""The till (收银): a sale over the counter, with the same stock, prices and points as the app. It never refuses a physical item.

A till without a network sells on and tells later: under its own sale id, at the time it happened, in any order, perhaps twice.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue.goods import Good
from o2o.infra import outbox
from o2o.inventory.lines import Line
from o2o.inventory.shelf import selling
from o2o.kit import ids
from o2o.kit.errors import Conflict, DomainError, Invalid
from o2o.kit.ids import MemberId, OrderId, Sku, StoreId
from o2o.membership import coupons, members, points, rules
from o2o.membership.members import MemberInfo
from o2o.orders import pricing, records
from o2o.orders.events import OrderDelivered
from o2o.orders.fulfilment import completion
from o2o.orders.lifecycle import OrderState
from o2o.orders.models import Order
from o2o.orders.pricing import Item, Priced
from o2o.payments import claims, intents, remedies

Tender = Literal["cash", "sandbox"]
LATEST_S = 7 * 86_400
"""How long after the fact a till may tell of a sale."""
AHEAD_S, OFFLINE_AHEAD_S = 600, 2 * 86_400
"""How far ahead a till's clock may run; its sale is booked now, never in the future. Without a network nobody sets it right."""


class SaleIdTaken(Conflict):
    """This id belongs to another sale: of another store, or of other goods."""

    code = "orders.sale_id_taken"


class OfflineDiscount(Invalid):
    """Coupons and points need the network: nobody can tell offline whether they are still there."""

    code = "orders.offline_discount"


class BadSaleTime(Invalid):
    """A sale cannot have happened then."""

    code = "orders.bad_sale_time"


class WeightNeeded(Invalid):
    """Weighed goods are sold by their weight in grams."""

    code = "orders.weight_needed"


@dataclass(frozen=True, slots=True)
class Scanned:
    """One item on the belt: by SKU or barcode (in-store labels carry their weight). `price_fen` is what an offline till asked
    for a piece or a kilogram."""

    sku: Sku | None
    barcode: str | None
    quantity: int = 1
    weight_g: int | None = None
    price_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that stands. `discrepancies` is how many SKUs the books now have less of than was promised or sold."""

    order_id: OrderId
    order_no: str
    priced: Priced
    goods: tuple[records.Goods, ...]
    pay_ref: str | None
    points_earned: int
    discrepancies: int
    known: bool


def sell(
    db: Session,
    *,
    sale_id: uuid.UUID,
    store_id: StoreId,
    clerk_id: uuid.UUID,
    items: Sequence[Scanned],
    tender: Tender,
    at: datetime,
    now: datetime,
    member_code: str | None = None,
    coupon_id: uuid.UUID | None = None,
    points_asked: int = 0,
    offline: bool = False,
) -> Sold:
    """Sell what is on the belt. The same `sale_id` again sells nothing, and gives the receipt as it is `known`.

    Raises:
        goods.NoSuchGood, WeightNeeded: an item that nobody can price.
        members.NoSuchMember: an unknown code, or a discount for nobody. coupons.*, points.NotEnoughPoints: online only.
        OfflineDiscount, BadSaleTime, SaleIdTaken
    """
    _check(at, now, offline, member_code, coupon_id, points_asked)
    at = min(at, now)
    # Two tellings of one sale at the same moment: the second waits and finds the first.
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"sale:{sale_id}", 0))))
    told = db.scalar(select(Order).where(Order.id == sale_id))
    if told is not None:
        _check_same(db, told, store_id, items, offline)
        return _known(db, told)
    belt, found = _belt(db, items, offline)
    member = _member(db, member_code, offline)
    order_id = OrderId(sale_id)
    priced = _price(db, belt, order_id, member.id if member else None, coupon_id, points_asked, now)
    number = _write(
        db, order_id, store_id, clerk_id, member.id if member else None, coupon_id, priced, belt, found, at, now
    )
    pay_ref = _take_money(db, order_id, member.id if member else None, priced.total_fen, tender, now)
    order = records.locked(db, order_id)
    completion.earn(db, order, now=now)
    event = OrderDelivered(order_id=order_id, store_id=store_id, member_id=member.id if member else None)
    outbox.emit(db, event, now=now)
    lines = [Line(item.sku, item.quantity) for item in belt]
    short = selling.sell(db, store_id=store_id, sale_id=sale_id, lines=lines, at=at, now=now)
    earned = rules.points_for(priced.total_fen, member.tier) if member else 0
    return Sold(order_id, number, priced, _kept(belt, found), pay_ref, earned, len(short), known=False)


def _check(
    at: datetime, now: datetime, offline: bool, member_code: str | None, coupon_id: uuid.UUID | None, points_asked: int
) -> None:
    ahead_s = OFFLINE_AHEAD_S if offline else AHEAD_S
    if at > now + timedelta(seconds=ahead_s) or at < now - timedelta(seconds=LATEST_S):
        raise BadSaleTime(field="at", now=now)
    if offline and (coupon_id is not None or points_asked):
        raise OfflineDiscount(field="coupon_id" if coupon_id else "points")
    if member_code is None and (coupon_id is not None or points_asked):
        raise members.NoSuchMember(field="member_code")


def _member(db: Session, code: str | None, offline: bool) -> MemberInfo | None:
    """Whose points these are. A sale that has happened stands even if the code was misread."""
    if code is None:
        return None
    try:
        return members.by_code(db, code=code)
    except members.NoSuchMember:
        if offline:
            return None
        raise


def _belt(db: Session, items: Sequence[Scanned], offline: bool) -> tuple[list[Item], dict[Sku, Good]]:
    """Items by SKU, in the order they first came; pieces and weights of the same SKU add up."""
    wanted: dict[Sku, Item] = {}
    found: dict[Sku, Good] = {}
    by_sku = goods.get_many(db, skus=[one.sku for one in items if one.sku], fresh=True)
    for one in items:
        good, label_g = _good(db, one, by_sku)
        grams = one.weight_g or label_g
        if good.weighed and not grams:
            raise WeightNeeded(field="items.weight_g", sku=good.sku)
        price_fen = one.price_fen if offline and one.price_fen is not None else good.price_fen
        had = wanted.get(good.sku)
        wanted[good.sku] = Item(
            sku=good.sku,
            quantity=one.quantity + (had.quantity if had else 0),
            price_fen=had.price_fen if had else price_fen,
            weighed=good.weighed,
            weight_g=good.weight_g,
            actual_g=(grams or 0) * one.quantity + (had.actual_g or 0 if had else 0) if good.weighed else None,
        )
        found[good.sku] = good
    return list(wanted.values()), found


def _good(db: Session, one: Scanned, by_sku: Mapping[Sku, Good]) -> tuple[Good, int | None]:
    if one.sku is not None:
        if one.sku not in by_sku:
            raise goods.NoSuchGood(field="items.sku", sku=one.sku)
        return by_sku[one.sku], None
    return goods.by_barcode(db, barcode=one.barcode or "")


def _price(
    db: Session,
    belt: list[Item],
    order_id: OrderId,
    member_id: MemberId | None,
    coupon_id: uuid.UUID | None,
    points_asked: int,
    now: datetime,
) -> Priced:
    """The belt's price; coupon and points are spent at once, for the goods leave now."""
    if member_id is None or (coupon_id is None and not points_asked):
        return pricing.price_basket(belt)
    goods_fen = sum(pricing.gross(item) for item in belt)
    coupon_fen = 0
    if coupon_id is not None:
        coupon_fen = coupons.redeem(
            db, member_id=member_id, coupon_id=coupon_id, order_id=order_id, goods_fen=goods_fen, now=now
        )
        coupons.use(db, order_id=order_id, now=now)
    used = 0
    if points_asked:
        spendable = points.spendable(db, member_id=member_id, now=now)
        used = min(points_asked, rules.most_points(spendable, goods_fen - coupon_fen))
        points.hold(db, member_id=member_id, order_id=order_id, points=used, now=now)
        points.redeem(db, order_id=order_id, now=now)
    return pricing.price_basket(belt, coupon_fen=coupon_fen, points=used, points_fen=rules.value_fen(used))


def _write(
    db: Session,
    order_id: OrderId,
    store_id: StoreId,
    clerk_id: uuid.UUID,
    member_id: MemberId | None,
    coupon_id: uuid.UUID | None,
    priced: Priced,
    belt: Sequence[Item],
    found: Mapping[Sku, Good],
    at: datetime,
    now: datetime,
) -> str:
    order = records.NewOrder(
        id=order_id,
        member_id=member_id,
        channel="till",
        method="pickup",
        state=OrderState.DELIVERED,
        store_id=store_id,
        priced=priced,
        coupon_id=coupon_id if member_id else None,
        delivered_at=at,
        due_at=at + timedelta(seconds=completion.RETURN_WINDOW_S),
        actor=f"clerk:{clerk_id}",
    )
    return records.write(db, order, _kept(belt, found), at=at, now=now)


def _kept(belt: Sequence[Item], found: Mapping[Sku, Good]) -> tuple[records.Goods, ...]:
    """What the lines keep of their goods; of weighed ones the grams a piece that the scale said."""
    return tuple(records.Goods(found[i.sku].name_zh, found[i.sku].name_en, i.weighed, _piece_g(i)) for i in belt)


def _piece_g(item: Item) -> int:
    return (item.actual_g or 0) // item.quantity if item.weighed else item.weight_g


def _take_money(
    db: Session, order_id: OrderId, member_id: MemberId | None, total_fen: int, tender: Tender, now: datetime
) -> str | None:
    if total_fen == 0:
        return None
    payment_id = ids.new_id()
    if tender == "cash":
        intents.take_cash(
            db, payment_id=payment_id, order_id=order_id, member_id=member_id, amount_fen=total_fen, now=now
        )
        return None
    until = now + timedelta(seconds=remedies.CODE_S)
    ref = intents.open(
        db,
        payment_id=payment_id,
        order_id=order_id,
        member_id=member_id,
        amount_fen=total_fen,
        expires_at=until,
        now=now,
    )
    claims.owe(db, order_id=order_id)
    return ref


def _check_same(db: Session, order: Order, store_id: StoreId, items: Sequence[Scanned], offline: bool) -> None:
    """A till that names two sales alike would lose the second. Goods that nobody can name any more are believed."""
    if order.channel != "till" or order.store_id != store_id:
        raise SaleIdTaken(field="sale_id")
    try:
        belt, _ = _belt(db, items, offline)
    except DomainError:
        return
    if {(one.sku, one.quantity) for one in belt} != {(row.sku, row.quantity) for row in records.lines_of(db, order.id)}:
        raise SaleIdTaken(field="sale_id")


def _known(db: Session, order: Order) -> Sold:
    """The receipt of a sale that was told before. Its payment and points went their way then."""
    rows = records.lines_of(db, order.id)
    lines = tuple(records.agreed(row) for row in rows)
    priced = Priced(
        lines, order.goods_fen, order.coupon_fen, order.points, order.points_fen, order.fee_fen, order.total_fen
    )
    kept = tuple(records.Goods(row.name_zh, row.name_en, row.weighed, row.piece_g) for row in rows)
    return Sold(OrderId(order.id), order.order_no, priced, kept, None, 0, 0, known=True)

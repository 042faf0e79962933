"""Accepting a quote: the order stands at exactly what was quoted, its goods are held, and its payment is awaited.

To reserve is to choose: stock lives in stores. All rows are written and the goods held by one statement (`placing`), and the guarded
stock update comes last in it, so that a hot row is locked for as short as can be.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue.goods import Good
from o2o.infra import idempotency
from o2o.infra.idempotency import Answer, Ticket
from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.kit.ids import MemberId, OrderId, Sku, StoreId
from o2o.kit.values import value
from o2o.orders import records
from o2o.orders.checkout import agreement, placing
from o2o.orders.checkout.placing import Placed, Way
from o2o.orders.fulfilment import settlement
from o2o.orders.lifecycle import OrderState
from o2o.orders.pricing import Item, Priced
from o2o.orders.quoting import quotes, slots
from o2o.orders.quoting.quotes import BadBasket, Offer, QuoteChanged, Terms
from o2o.orders.records import NewOrder, NewShipment


@value(frozen=True, slots=True)
class Contact:
    """Where and to whom: a readable address, a name, a phone, and what else the rider should know."""

    text: str
    name: str
    phone: str
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """The address as it is kept with the order."""
        return {"text": self.text, "name": self.name, "phone": self.phone, "detail": self.detail}


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
        quotes.BadQuote, quotes.QuoteExpired, and as `accept`.
    """
    terms = quotes.unseal(token, member_id=member_id, secret=tools.settings.token_secret.get_secret_value(), now=now)
    placed = accept(
        db, order_id=order_id, terms=terms, contact=contact, preference=preference, note=note, now=now,
        tools=tools,
    )  # fmt: skip
    assert isinstance(placed, Placed)  # no ticket, so nothing was answered before
    return placed


def accept(
    db: Session,
    *,
    order_id: OrderId,
    terms: Terms,
    now: datetime,
    tools: Tools,
    contact: Contact | None = None,
    preference: str = "ask",
    note: str = "",
    ticket: Ticket | None = None,
) -> Placed | Answer:
    """Place an order on unsealed terms. With a `ticket` its key's answer is kept, or was: then that `Answer`.

    Of `plain_terms` this is a single statement.

    Raises:
        quotes.QuoteChanged: `changed` names what: price, stock, store, promise, coupon, points. Nothing was written.
        slots.SlotFull: somebody else took the last of the chosen window.
        BadBasket: a delivery without an address.
        idempotency.StillRunning, idempotency.KeyReused
    """
    if terms.method == "delivery" and contact is None:
        raise BadBasket(field="address")
    try:
        offers = agreement.ways(db, terms, now=now)
        found = goods.get_many(db, skus=list(terms.wanted))
        items = _agreed(terms, found)
    except QuoteChanged:
        # Asked again under the same key, it stands as it was answered, whatever changed since.
        told = idempotency.look(db, ticket) if ticket is not None else None
        if told is not None:
            return told
        raise
    member_id = MemberId(terms.member_id)
    pay_by = now + timedelta(seconds=tools.settings.payment_window_s)
    priced = agreement.settle_discounts(db, terms, order_id=order_id, member_id=member_id, items=items, now=now)
    order = _order(order_id, terms, priced, contact, preference, note, offers[0], pay_by)
    kept = [records.Goods(g.name_zh, g.name_en, g.weighed, g.weight_g) for g in (found[one.sku] for one in items)]
    payment_id = ids.new_id()
    ways = [_way(order, terms, offer, payment_id, pay_by) for offer in offers]
    try:
        placed = placing.place(db, order=order, goods=kept, ways=ways, payment_id=payment_id, now=now, ticket=ticket)
    except placing.Repriced as changed:
        raise QuoteChanged(changed=["price"], prices=changed.prices) from None
    except placing.Short as short:
        missing = short.missing
    else:
        if isinstance(placed, Placed):
            _take_slot(db, order_id, found, terms, pay_by, now)
            if not priced.total_fen:
                settlement.paid(db, order_id=order_id, now=now)
        return placed
    raise agreement.refusal(db, terms, missing, now=now)


def plain_terms(token: str, *, member_id: MemberId, now: datetime, tools: Tools) -> Terms | None:
    """The terms of a good quote that is accepted by a single statement: no coupon, points or window, and something to pay; else None."""
    try:
        terms = quotes.unseal(
            token, member_id=member_id, secret=tools.settings.token_secret.get_secret_value(), now=now
        )
    except (quotes.BadQuote, quotes.QuoteExpired):
        return None
    more = terms.coupon_id is not None or terms.points or terms.slot_id is not None or not terms.total_fen
    return None if more else terms


def _take_slot(
    db: Session, order_id: OrderId, found: Mapping[Sku, Good], terms: Terms, until: datetime, now: datetime
) -> None:
    if terms.slot_id is None:
        return
    slot = slots.read(terms.slot_id)
    weight_g = sum(found[sku].weight_g * n for sku, n in terms.wanted.items())
    work_s = slots.work_s(db, slot=slot, lines=len(terms.wanted), weight_g=weight_g)
    delivery = terms.method == "delivery"
    slots.hold(db, order_id=order_id, slot=slot, work_s=work_s, delivery=delivery, until=until, now=now)


def _agreed(terms: Terms, found: Mapping[Sku, Good]) -> list[Item]:
    """The lines at the quoted prices; whether these hold still is asked when the order is written."""
    unknown = [{"sku": sku, "was_fen": fen, "now_fen": None} for sku, _, fen in terms.lines if sku not in found]
    if unknown:
        raise QuoteChanged(changed=["price"], prices=unknown)
    return [
        Item(sku, quantity, price_fen, found[sku].weighed, found[sku].weight_g)
        for sku, quantity, price_fen in terms.lines
    ]


def _way(order: NewOrder, terms: Terms, offer: Offer, payment_id: uuid.UUID, pay_by: datetime) -> Way:
    total_fen = order.priced.total_fen
    placed = Placed(
        OrderId(order.id),
        records.order_no(order.id),
        OrderState.PLACED if total_fen else OrderState.PAID,
        StoreId(offer.parts[0].store_id),
        total_fen,
        payment_id.hex if total_fen else None,
        pay_by,
        offer.last.plan.arrive_from,
        terms.promised.arrive_by,
    )
    return Way(_shipments(offer, terms), placed)


def _shipments(offer: Offer, terms: Terms) -> list[NewShipment]:
    return [
        NewShipment(
            id=ids.new_id(),
            store_id=part.store_id,
            area_id=part.area_id,
            task_id=ids.new_id(),
            reservation_id=ids.new_id(),
            lines=tuple(sorted(part.lines)),
            plan=part.plan.as_json() | ({"decision": terms.why} if leg == 1 else {}),
            leg=leg,
        )
        for leg, part in enumerate(offer.parts, start=1)
    ]


def _order(
    order_id: OrderId,
    terms: Terms,
    priced: Priced,
    contact: Contact | None,
    preference: str,
    note: str,
    offer: Offer,
    pay_by: datetime,
) -> NewOrder:
    return NewOrder(
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

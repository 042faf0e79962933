"""The order's money after it stands: paid, paid too late, picked short, given back. What is owed is always reckoned by `pricing`."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy.orm import Session

from o2o.inventory.reserving import reservations
from o2o.kit import ids
from o2o.kit.errors import Conflict
from o2o.kit.ids import MemberId, OrderId
from o2o.membership import coupons, points
from o2o.orders import pricing, records
from o2o.orders.fulfilment import assignment, portions
from o2o.orders.fulfilment.portions import Key
from o2o.orders.lifecycle import OrderState, ShipmentState
from o2o.orders.models import Order, OrderLine, OrderRefund
from o2o.orders.quoting import slots
from o2o.payments import intents, refunds
from o2o.picking import pick_tasks
from o2o.picking.pick_tasks import Picked

LATE = "paid_too_late"


def confirm_payment(db: Session, *, order_id: OrderId, now: datetime) -> None:
    """The provider holds the money: the goods are kept for good, the store gets its task, the ride is asked for.

    Paid after expiry: the stock is taken again if it is there, else the money goes back in full and the order says so.
    Said twice, or for an order that went on meanwhile, it changes nothing.
    """
    order = records.locked(db, order_id)
    state = OrderState(order.state)
    if state is OrderState.PLACED:
        try:
            paid(db, order_id=order_id, now=now)
        except (reservations.Expired, reservations.NotHeld, slots.SlotFull) as refusal:
            _too_late(db, order, refusal, now)
    elif state is OrderState.EXPIRED:
        try:
            with db.begin_nested():
                _revive(db, order, now)
        except Conflict as refusal:
            order = records.locked(db, order_id)
            _too_late(db, order, refusal, now)
    elif state is OrderState.CANCELLED and order.total_fen:
        intents.cancel(db, order_id=order_id, now=now)
    elif order.charged_fen is not None:
        intents.capture_owed(db, order_id=order_id, now=now)
        records.tell(db, order, now=now)  # who waits for this money, such as the tills of its store, stops waiting


def paid(db: Session, *, order_id: OrderId, now: datetime) -> None:
    """The order is paid for: commit what is held, use coupon and points, open the work.

    Raises:
        reservations.Expired, reservations.NotHeld: the goods are gone.
        slots.SlotFull: the chosen window is.
    """
    order = records.locked(db, order_id)
    slots.keep(db, order_id=order_id, now=now)
    reservations.commit(db, order_id=order_id, now=now)
    coupons.use(db, order_id=order_id, now=now)
    points.redeem(db, order_id=order_id, now=now)
    _start_clock(db, order, now)
    waits = slots.waits(db, order_id=order_id)
    for shipment in records.live_shipments(db, order_id):
        records.move_shipment(db, shipment, ShipmentState.OPEN)
        records.stamp(shipment, "paid_at", now)
        if not waits:
            assignment.open_work(db, order, shipment, now=now)
    records.move(db, order, OrderState.PAID, actor="payment", now=now)


def open_agreed(db: Session, *, order_id: OrderId, now: datetime) -> None:
    """An order's agreed window is near: its stores and riders are told. Once; an order given up meanwhile is left."""
    order = records.locked(db, order_id)
    if not slots.opened(db, order_id=order_id, now=now):
        return
    for shipment in records.live_shipments(db, order_id):
        assignment.open_work(db, order, shipment, now=now)
    records.tell(db, order, now=now)


def _start_clock(db: Session, order: Order, now: datetime) -> None:
    """The promise was made for an order paid at once: its clock starts when it is paid. A window that was agreed on stands."""
    order.paid_at = now
    agreed = any(assignment.plan_of(shipment).agreed for shipment in records.shipments_of(db, order.id))
    if not agreed and order.promise_by is not None and order.promise_from is not None:
        late = now - order.placed_at
        order.promise_by, order.promise_from = order.promise_by + late, order.promise_from + late


def _revive(db: Session, order: Order, now: datetime) -> None:
    """Take everything again for an order that had expired; all or nothing."""
    order_id = OrderId(order.id)
    member_id = MemberId(order.member_id) if order.member_id else None
    if member_id is not None and order.coupon_id is not None:
        coupons.redeem(
            db, member_id=member_id, coupon_id=order.coupon_id, order_id=order_id, goods_fen=order.goods_fen, now=now
        )
        coupons.use(db, order_id=order_id, now=now)
    if member_id is not None and order.points:
        points.hold(db, member_id=member_id, order_id=order_id, points=order.points, now=now)
        points.redeem(db, order_id=order_id, now=now)
    slots.keep(db, order_id=order_id, now=now)
    reservations.commit(db, order_id=order_id, now=now)
    _start_clock(db, order, now)
    waits = slots.waits(db, order_id=order_id)
    for last in {shipment.leg: shipment for shipment in records.shipments_of(db, order.id)}.values():
        shipment = assignment.another(
            db,
            order,
            last,
            store_id=last.store_id,
            area_id=last.area_id,
            reservation_id=last.reservation_id,
            plan=last.plan,
            now=now,
        )
        records.stamp(shipment, "paid_at", now)
        if not waits:
            assignment.open_work(db, order, shipment, now=now)
    records.move(db, order, OrderState.PAID, actor="payment", now=now, reason="late_payment")


def _too_late(db: Session, order: Order, refusal: Conflict, now: datetime) -> None:
    """Nothing can be delivered for this money: give back all of it, and say why."""
    points.release(db, order_id=OrderId(order.id), now=now)
    coupons.give_back(db, order_id=OrderId(order.id), now=now)
    slots.release(db, order_id=order.id, now=now)
    for shipment in records.shipments_of(db, order.id):
        if shipment.state == ShipmentState.HELD:
            records.move_shipment(db, shipment, ShipmentState.CANCELLED)
    intents.cancel(db, order_id=order.id, now=now)
    records.move(db, order, OrderState.CANCELLED, actor="payment", now=now, reason=f"{LATE}:{refusal.code}")
    reservations.release(db, order_id=OrderId(order.id), reason=LATE, now=now)


_UNPACKED = (ShipmentState.HELD, ShipmentState.OPEN, ShipmentState.PICKING)
_PACKED = (ShipmentState.PACKED, ShipmentState.HANDED_OVER, ShipmentState.DELIVERED)


def charge_packed(db: Session, order: Order, *, now: datetime) -> None:
    """Once no store has any of it left to pack: reckon what is owed for all that was packed, and ask for that money.

    Parts that fell away, or came back before this, are not charged.
    """
    shipments = records.shipments_of(db, order.id)
    if order.charged_fen is not None or any(one.state in _UNPACKED for one in shipments):
        return
    tasks = [one.task_id for one in shipments if one.state in _PACKED]
    if tasks:
        _charge(db, order, pick_tasks.picked_of(db, task_ids=tasks), now)


def _charge(db: Session, order: Order, picked: Mapping[uuid.UUID, Sequence[Picked]], now: datetime) -> None:
    """Write line by line what is owed. Points that short lines do not keep go back to their lots; their coupon share is
    simply not charged.
    """
    by_sku: dict[str, list[Picked]] = {}
    for one in chain.from_iterable(picked.values()):
        by_sku.setdefault(one.sku, []).append(one)
    lines = records.lines_of(db, order.id)
    kept = sum(_charge_line(db, line, by_sku.get(line.sku, [])) for line in lines)
    charged_fen = sum(line.charged_fen or 0 for line in lines) + order.fee_fen
    order.charged_fen = charged_fen
    db.flush()
    if order.points > kept:
        _give_points_back(db, order, order.points - kept, now)
    if order.total_fen:
        intents.capture(db, order_id=order.id, amount_fen=charged_fen, now=now)


def _charge_line(db: Session, line: OrderLine, parts: Sequence[Picked]) -> int:
    """What is owed for a line, picked in one store or in several. Returns the points it keeps."""
    agreed = records.agreed(line)
    line.picked, line.picked_g = sum(one.picked for one in parts), sum(one.weight_g for one in parts)
    found = pricing.gross_of_picked(agreed, picked=line.picked, weighed=line.weighed, weight_g=line.picked_g)
    charged = pricing.charge(agreed, gross_fen=found + sum(one.substitute_fen for one in parts))
    line.substitute_quantity = sum(one.substitute_quantity for one in parts)
    line.charged_fen, line.points_kept = charged.due_fen, charged.points
    portions.keep(db, line, parts, found_fen=found, charged=charged)
    return charged.points


def _give_points_back(db: Session, order: Order, back: int, now: datetime) -> None:
    points.reverse(
        db, order_id=OrderId(order.id), refund_id=ids.new_id(), refunded_fen=0, base_fen=max(order.total_fen, 1), now=now,
        restore_points=back,
    )  # fmt: skip


def give_back_all(db: Session, order: Order, *, reason: str, now: datetime) -> None:
    """Everything the order took returns: stock that is still held, points, coupon, and the money, whether held or taken."""
    order_id = OrderId(order.id)
    points.release(db, order_id=order_id, now=now)
    coupons.give_back(db, order_id=order_id, now=now)
    slots.release(db, order_id=order.id, now=now)
    if order.charged_fen:
        lines = [
            {"no": line.no, "fen": (line.charged_fen or 0) - line.refunded_fen}
            for line in records.lines_of(db, order.id)
        ]
        refund(
            db,
            order,
            amount_fen=order.charged_fen - order.refunded_fen,
            points_back=0,
            lines=lines,
            reason=reason,
            now=now,
        )
    elif order.total_fen:
        intents.cancel(db, order_id=order_id, now=now)
    # Stock comes last everywhere in the hall: members before shelves, so that two orders of one member never wait for each other.
    reservations.release(db, order_id=order_id, reason=reason, now=now)


def give_back_pieces(
    db: Session, order: Order, wanted: Mapping[Key, int], *, reason: str, now: datetime
) -> tuple[uuid.UUID, int]:
    """Refund so many pieces by line number and SKU, pro rata of what those goods were charged, and let points and the coupon follow.

    Returns the refund's id and its fen.
    """
    known = portions.of_order(db, order.id)
    left = {row.no: (row.charged_fen or 0) - row.refunded_fen for row in records.lines_of(db, order.id)}
    given: dict[int, int] = {}
    points_back = 0
    for key, quantity in wanted.items():
        portion = known[key]
        shared = {"quantity": portion.quantity, "returned_before": portion.returned, "returning": quantity}
        # What went back by an older rule, line by line, is never given twice.
        fen = min(left[portion.no], pricing.refund_for(charged_fen=portion.charged_fen, **shared))
        left[portion.no] -= fen
        given[portion.no] = given.get(portion.no, 0) + fen
        points_back += pricing.refund_for(charged_fen=portion.points_kept, **shared)
    portions.come_back(db, order.id, wanted)
    amount_fen, lines = sum(given.values()), [{"no": no, "fen": fen} for no, fen in given.items()]
    refund_id = refund(db, order, amount_fen=amount_fen, points_back=points_back, lines=lines, reason=reason, now=now)
    points.reverse(
        db,
        order_id=OrderId(order.id),
        refund_id=refund_id,
        # Nothing is earned before the order is delivered; `completion.earn` takes off what was given back until then.
        refunded_fen=amount_fen if order.delivered_at else 0,
        base_fen=max(goods_fen_charged(order), 1),
        restore_points=points_back,
        now=now,
    )
    if not any(left.values()) and all(row.returned == row.pieces for row in records.lines_of(db, order.id)):
        coupons.give_back(db, order_id=OrderId(order.id), now=now)
    return refund_id, amount_fen


def refund(
    db: Session,
    order: Order,
    *,
    amount_fen: int,
    points_back: int,
    lines: list[dict[str, int]],
    reason: str,
    now: datetime,
) -> uuid.UUID:
    """Write down money given back, line by line, and ask the provider for it. The order's row is locked by the caller."""
    refund_id = ids.new_id()
    order.refunded_fen += amount_fen
    by_no = {entry["no"]: entry["fen"] for entry in lines}
    for line in records.lines_of(db, order.id):
        line.refunded_fen += by_no.get(line.no, 0)
    row = OrderRefund(
        id=refund_id, order_id=order.id, amount_fen=amount_fen, points=points_back, reason=reason, lines=lines, at=now
    )
    db.add(row)
    db.flush()
    if amount_fen:
        refunds.ask(db, order_id=order.id, refund_id=refund_id, amount_fen=amount_fen, reason=reason, now=now)
    return refund_id


def goods_fen_charged(order: Order) -> int:
    """What was charged for goods: the base of points. The fee earns nothing."""
    return max(0, (order.charged_fen or 0) - order.fee_fen)

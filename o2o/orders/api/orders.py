"""HTTP of the hall: the customer's basket and orders, and the clerk's moves that change an order."""

import uuid
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Response

from o2o.geo.lonlat import LonLat
from o2o.infra.db import only_reads, stands_alone
from o2o.infra.http import Clerk, Customer, Db, Json, Now, Once, ToolsDep, store_of
from o2o.infra.lanes import Lane
from o2o.inventory.lines import Line
from o2o.kit import ids
from o2o.kit.ids import MemberId, OrderId, Sku, StoreId
from o2o.orders import queries
from o2o.orders.checkout import acceptance
from o2o.orders.checkout.acceptance import Contact
from o2o.orders.fulfilment import cancellation, in_store
from o2o.orders.models import Order
from o2o.orders.quoting import baskets
from o2o.orders.schemas.orders import (
    AnswerIn,
    BroughtOut,
    CancelIn,
    FinishedOut,
    HandOverIn,
    OrderBriefOut,
    OrderOut,
    PartOut,
    PlacedOut,
    PlaceIn,
    PricedLineOut,
    PromiseOut,
    QuoteIn,
    QuoteOut,
    QuoteStoreOut,
    RejectIn,
    StateOut,
)
from o2o.picking import shorts

router = APIRouter(prefix="/api", tags=["orders"], route_class=Lane)


@router.post("/quotes", operation_id="quote", summary="Price, store and promise of a basket", response_model=QuoteOut)
def quote(caller: Customer, db: Db, now: Now, tools: ToolsDep, body: QuoteIn) -> Response:
    """Nothing is reserved; the answer stands for five minutes."""
    only_reads(db, may_glance=True)
    found = baskets.quote(
        db,
        member_id=MemberId(caller.account_id),
        lines=[(Sku(line.sku), line.quantity) for line in body.lines],
        point=LonLat(body.point.lon, body.point.lat) if body.point else None,
        method=body.method,
        store_id=StoreId(body.store_id) if body.store_id else None,
        coupon_id=body.coupon_id,
        points_asked=body.points,
        slot_id=body.slot_id,
        now=now,
        tools=tools,
    )
    return Json(msgspec.json.encode(_quote_out(found)))


@router.post("/orders", operation_id="placeOrder", summary="Accept a quote", response_model=PlacedOut, status_code=201)
def place_order(caller: Customer, db: Db, now: Now, tools: ToolsDep, once: Once, body: PlaceIn) -> Response:
    """Holds the goods at the chosen store. A quote that no longer holds is refused, naming what changed."""
    address = body.address
    wish: dict[str, Any] = {
        "order_id": OrderId(ids.new_id()),
        "contact": Contact(address.text, address.name, address.phone, address.detail) if address else None,
        "preference": body.preference,
        "note": body.note,
        "now": now,
    }
    member_id = MemberId(caller.account_id)
    terms = acceptance.plain_terms(body.quote, member_id=member_id, now=now, tools=tools)
    if terms is not None:
        stands_alone(db)
        return once.told(
            acceptance.accept(db, terms=terms, tools=tools, ticket=once.ticket(caller), **wish), status=201
        )

    def work() -> PlacedOut:
        placed = acceptance.place_order(db, member_id=member_id, token=body.quote, tools=tools, **wish)
        return PlacedOut.model_validate(placed)

    return once(caller, work, status=201)


@router.get("/orders", operation_id="listOrders", summary="My orders", response_model=list[OrderBriefOut])
def list_orders(
    caller: Customer, db: Db, before: uuid.UUID | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> list[Order]:
    """The newest first; `before` is the last id of the page before."""
    return queries.orders_of(db, member_id=caller.account_id, before=before, limit=limit)


@router.get("/orders/{order_id}", operation_id="getOrder", summary="One of my orders", response_model=OrderOut)
def get_order(caller: Customer, db: Db, order_id: uuid.UUID) -> OrderOut:
    """With its lines, tries, moves and refunds."""
    return queries.order(db, order_id=order_id, member_id=caller.account_id)


@router.post(
    "/orders/{order_id}/cancel", operation_id="cancelOrder", summary="Give up my order", response_model=StateOut
)
def cancel_order(caller: Customer, db: Db, now: Now, once: Once, order_id: uuid.UUID, body: CancelIn) -> Response:
    """Everything paid goes back. Refused once the rider has it."""
    return once(
        caller,
        lambda: StateOut(
            state=cancellation.cancel_order(
                db,
                order_id=OrderId(order_id),
                member_id=caller.account_id,
                actor=f"customer:{caller.account_id}",
                reason=body.reason or "customer",
                now=now,
            )
        ),
    )


@router.post(
    "/orders/{order_id}/substitutes",
    operation_id="answerSubstitute",
    summary="Say yes or no to a substitute",
    response_model=StateOut,
)
def answer_substitute(caller: Customer, db: Db, now: Now, order_id: uuid.UUID, body: AnswerIn) -> StateOut:
    """While the store is picking, until the question's deadline."""
    queries.owned(db, order_id=order_id, member_id=caller.account_id)
    shorts.answer(db, order_id=order_id, sku=body.sku, approve=body.approve, task_id=body.task_id, now=now)
    return StateOut(state="approved" if body.approve else "rejected")


@router.post(
    "/pick-tasks/{task_id}/start", operation_id="startPicking", summary="Begin a pick task", response_model=StateOut
)
def start_picking(caller: Clerk, db: Db, now: Now, task_id: uuid.UUID) -> StateOut:
    """Beginning again what one is picking already does nothing."""
    state = in_store.start_picking(db, task_id=task_id, clerk_id=caller.account_id, store_id=store_of(caller), now=now)
    return StateOut(state=state)


@router.post(
    "/pick-tasks/{task_id}/release",
    operation_id="releasePicking",
    summary="Leave a pick task to somebody else",
    response_model=StateOut,
)
def release_picking(caller: Clerk, db: Db, now: Now, task_id: uuid.UUID) -> StateOut:
    """What is scanned so far stays."""
    state = in_store.release(db, task_id=task_id, clerk_id=caller.account_id, store_id=store_of(caller), now=now)
    return StateOut(state=state)


@router.post("/pick-tasks/{task_id}/finish", operation_id="finishPicking", summary="Packed", response_model=FinishedOut)
def finish_picking(caller: Clerk, db: Db, now: Now, once: Once, task_id: uuid.UUID) -> Response:
    """Charges what was picked. Finishing twice is refused with the state as it is."""
    store_id = store_of(caller)
    return once(
        caller,
        lambda: FinishedOut.model_validate(
            in_store.finish_picking(db, task_id=task_id, clerk_id=caller.account_id, store_id=store_id, now=now)
        ),
    )


@router.post(
    "/pick-tasks/{task_id}/reject", operation_id="rejectPicking", summary="The store cannot", response_model=StateOut
)
def reject_picking(
    caller: Clerk, db: Db, now: Now, tools: ToolsDep, once: Once, task_id: uuid.UUID, body: RejectIn
) -> Response:
    """The reason changes the store's stock; the next store takes over, or the order joins the queue."""
    store_id = store_of(caller)
    missing = [Line(line.sku, line.quantity) for line in body.missing]
    return once(
        caller,
        lambda: StateOut(
            state=in_store.reject(
                db,
                task_id=task_id,
                clerk_id=caller.account_id,
                store_id=store_id,
                reason=body.reason,
                missing=missing,
                roads=tools.roads,
                now=now,
            )
        ),
    )


@router.post(
    "/orders/{order_id}/hand-over", operation_id="handOver", summary="Over the counter", response_model=StateOut
)
def hand_over(caller: Clerk, db: Db, now: Now, order_id: uuid.UUID, body: HandOverIn) -> StateOut:
    """For pickup orders of the clerk's store; the customer shows the code."""
    state = in_store.hand_over(
        db,
        order_id=OrderId(order_id),
        clerk_id=caller.account_id,
        store_id=store_of(caller),
        code=body.code,
        now=now,
    )
    return StateOut(state=state)


def _quote_out(found: baskets.Quote) -> QuoteOut:
    priced, parts = found.priced, [_part_out(part) for part in found.parts]
    return QuoteOut(
        quote=found.token,
        expires_at=found.expires_at,
        store=parts[0].store,
        lines=[PricedLineOut.of(line, found.goods[line.sku]) for line in priced.lines],
        goods_fen=priced.goods_fen,
        coupon_fen=priced.coupon_fen,
        points=priced.points,
        points_fen=priced.points_fen,
        delivery_fee_fen=priced.fee_fen,
        total_fen=priced.total_fen,
        promise=max((part.promise for part in parts), key=lambda promise: promise.arrive_by),
        parts=parts,
        why=found.why,
    )


def _part_out(part: baskets.QuotedPart) -> PartOut:
    store, plan = part.store, part.plan
    return PartOut(
        store=QuoteStoreOut(
            id=store.id,
            name_zh=store.name_zh,
            name_en=store.name_en,
            distance_m=part.distance_m,
            lon=store.location.lon,
            lat=store.location.lat,
        ),
        lines=[BroughtOut(sku, quantity) for sku, quantity in part.lines],
        promise=PromiseOut(arrive_from=plan.arrive_from, arrive_by=plan.arrive_by, ready_at=plan.ready_at),
    )

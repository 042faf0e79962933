"""HTTP of parked orders: the queues for who sees to them, and the customer's word about a pickup no store can do as asked."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from o2o.infra.http import Allow, Customer, Db, Dispatcher, Edge, Now, Once, ToolsDep, store_of
from o2o.kit.ids import OrderId
from o2o.kit.principal import Principal, Role
from o2o.orders.fulfilment import cancellation, endangered, parking
from o2o.orders.fulfilment.parking import Kind, NotOffered
from o2o.orders.schemas.orders import StateOut
from o2o.orders.schemas.sourcing import GiveUpIn, ParkedAnswerIn, ParkedOut

router = APIRouter(prefix="/api", tags=["parked orders"], route_class=Edge)
Staff = Annotated[Principal, Depends(Allow(Role.CLERK, Role.DISPATCHER, Role.HQ))]


@router.get(
    "/orders/parked", operation_id="listParked", summary="Orders no store can do", response_model=list[ParkedOut]
)
def list_parked(caller: Staff, db: Db, store_id: uuid.UUID | None = None) -> list[ParkedOut]:
    """Those of the caller's store or areas, the nearest deadline first. Head office sees all."""
    if caller.role is Role.CLERK:
        found = parking.every(db, area_ids=None, store_id=store_of(caller, store_id))
    else:
        found = parking.every(db, area_ids=caller.sees_areas, store_id=store_id)
    return [ParkedOut.model_validate(one) for one in found]


@router.get(
    "/orders/{order_id}/parked", operation_id="getParked", summary="What is asked of me", response_model=ParkedOut
)
def get_parked(caller: Customer, db: Db, order_id: uuid.UUID) -> ParkedOut:
    """My own order, while it stands parked: until when, and which stores could do it instead."""
    return ParkedOut.model_validate(parking.of_order(db, order_id=order_id, member_id=caller.account_id))


@router.post(
    "/orders/{order_id}/parked/answer",
    operation_id="answerParked",
    summary="Elsewhere, wait, or not at all",
    response_model=StateOut,
)
def answer_parked(
    caller: Customer, db: Db, now: Now, tools: ToolsDep, once: Once, order_id: uuid.UUID, body: ParkedAnswerIn
) -> Response:
    """A pickup is never moved without this. Silence until the deadline gives everything back."""
    number, member_id = OrderId(order_id), caller.account_id

    def work() -> StateOut:
        mine: dict[str, Any] = {"order_id": number, "member_id": member_id, "now": now}
        stands = parking.of_order(db, order_id=order_id, member_id=member_id).kind == Kind.PICKUP_ENDANGERED
        if body.answer == "move":
            if body.store_id is None:
                raise NotOffered(field="store_id")
            elsewhere = endangered.move if stands else parking.move
            state = elsewhere(db, store_id=body.store_id, roads=tools.roads, **mine)
        elif body.answer == "wait":
            state = endangered.keep(db, **mine) if stands else parking.wait(db, **mine)
        else:
            state = cancellation.cancel_order(
                db, order_id=number, member_id=member_id, actor=f"customer:{member_id}", reason="customer", now=now
            )
        return StateOut(state=state)

    return once(caller, work)


@router.post("/orders/{order_id}/parked/retry", operation_id="retryParked", summary="Try now", response_model=StateOut)
def retry_parked(caller: Dispatcher, db: Db, now: Now, tools: ToolsDep, once: Once, order_id: uuid.UUID) -> Response:
    """Asks the store that rejected it too: somebody may have talked to it."""

    def work() -> StateOut:
        parking.check_area(db, order_id=order_id, area_ids=caller.sees_areas)
        parked = parking.of_order(db, order_id=order_id)
        state = parking.try_again(
            db, order_id=OrderId(order_id), roads=tools.roads, now=now, forgiven=[parked.store_id]
        )
        return StateOut(state=state)

    return once(caller, work)


@router.post(
    "/orders/{order_id}/parked/cancel",
    operation_id="giveUpParked",
    summary="Give everything back",
    response_model=StateOut,
)
def give_up_parked(caller: Dispatcher, db: Db, now: Now, once: Once, order_id: uuid.UUID, body: GiveUpIn) -> Response:
    """Ends a parked order before its deadline."""
    return once(
        caller,
        lambda: StateOut(
            state=parking.give_up(
                db,
                order_id=OrderId(order_id),
                actor=f"{caller.role.value}:{caller.account_id}",
                reason=body.reason or "given_up_by_hand",
                area_ids=caller.sees_areas,
                now=now,
            )
        ),
    )

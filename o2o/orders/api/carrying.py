"""HTTP of what rides besides orders: a rider to fetch what I give back, a rider for a transfer."""

import uuid

from fastapi import APIRouter, Response

from o2o.infra.http import Clerk, Customer, Db, Edge, Now, Once, store_of
from o2o.kit.wire import PlannedAt, Wire, example
from o2o.orders import carrying

router = APIRouter(prefix="/api", tags=["counter"], route_class=Edge)


class FetchIn(Wire):
    """Moment somebody is at home to hand the goods over."""

    model_config = example(due_from="2026-03-02T06:00:00Z", due_at="2026-03-02T08:00:00Z")
    due_from: PlannedAt
    due_at: PlannedAt


class FetchOut(Wire):
    """A rider is asked for."""

    model_config = example(return_id="01960000-0000-7000-8000-000000000009", order_no="K7M2Q4")
    return_id: uuid.UUID
    order_no: str


class RideIn(Wire):
    """By when the goods should be at the other store; within two hours if left out."""

    model_config = example(due_at="2026-03-02T08:00:00Z")
    due_at: PlannedAt | None = None


class RideOut(Wire):
    """The transfer as it stands, with a rider asked for."""

    model_config = example(transfer_id="01960000-0000-7000-8000-000000000009", state="in_transit")
    transfer_id: uuid.UUID
    state: str


@router.post(
    "/returns/{return_id}/fetch",
    operation_id="fetchReturn",
    summary="Fetch it at my door",
    response_model=FetchOut,
    status_code=201,
)
def fetch_return(caller: Customer, db: Db, now: Now, once: Once, return_id: uuid.UUID, body: FetchIn) -> Response:
    """For my own return that the store agreed to."""

    def work() -> FetchOut:
        window = {"due_from": body.due_from, "due_at": body.due_at}
        order_no = carrying.fetch_return(db, return_id=return_id, member_id=caller.account_id, now=now, **window)
        return FetchOut(return_id=return_id, order_no=order_no)

    return once(caller, work, status=201)


@router.post(
    "/transfers/{transfer_id}/ride",
    operation_id="rideTransfer",
    summary="A rider for a transfer",
    response_model=RideOut,
    status_code=201,
)
def ride_transfer(caller: Clerk, db: Db, now: Now, once: Once, transfer_id: uuid.UUID, body: RideIn) -> Response:
    """The goods leave the shelf of the clerk's store and wait for a rider."""
    store_id = store_of(caller)

    def work() -> RideOut:
        state = carrying.send_transfer(db, transfer_id=transfer_id, store_id=store_id, due_at=body.due_at, now=now)
        return RideOut(transfer_id=transfer_id, state=state)

    return once(caller, work, status=201)

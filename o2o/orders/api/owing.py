"""HTTP of money that did not go its way: what waits, what became of it, and what a person can do."""

import uuid

from fastapi import APIRouter, Response

from o2o.infra.http import Db, Dispatcher, Edge, Hq, Now, Once
from o2o.kit.principal import Principal
from o2o.orders.fulfilment import owing
from o2o.orders.fulfilment.owing import Owing
from o2o.orders.schemas.owing import NoteIn, OwingOut, OwingStateOut, ReasonIn, TroubleStepOut

router = APIRouter(prefix="/api", tags=["payment troubles"], route_class=Edge)


@router.get("/payment-troubles", operation_id="listTroubles", summary="Money that waits", response_model=list[OwingOut])
def list_troubles(caller: Dispatcher, db: Db) -> list[OwingOut]:
    """Not over yet, the oldest first: a dispatcher's areas', all of head office's."""
    return [_out(one) for one in owing.waiting(db, area_ids=caller.sees_areas)]


@router.get(
    "/orders/{order_id}/payment-troubles",
    operation_id="listOrderTroubles",
    summary="What went wrong with an order's money",
    response_model=list[OwingOut],
)
def list_order_troubles(caller: Dispatcher, db: Db, order_id: uuid.UUID) -> list[OwingOut]:
    """Closed ones too, each with who did what."""
    return [_out(one) for one in owing.of_order(db, order_id=order_id, area_ids=caller.sees_areas)]


@router.post(
    "/payment-troubles/{trouble_id}/retry",
    operation_id="retryTrouble",
    summary="Ask the provider now",
    response_model=OwingStateOut,
)
def retry(caller: Dispatcher, db: Db, now: Now, once: Once, trouble_id: uuid.UUID) -> Response:
    """Under the same id as before: nothing is taken or given twice."""

    def work() -> OwingStateOut:
        owing.try_again(db, trouble_id=trouble_id, actor=_actor(caller), area_ids=caller.sees_areas, now=now)
        return OwingStateOut(trouble_id=trouble_id, state="retrying")

    return once(caller, work)


@router.post(
    "/payment-troubles/{trouble_id}/ask",
    operation_id="askToPay",
    summary="Let the customer pay another way",
    response_model=OwingStateOut,
)
def ask(caller: Dispatcher, db: Db, now: Now, once: Once, trouble_id: uuid.UUID, body: NoteIn) -> Response:
    """For a day; their order's screen asks them, and what the old way held is let go."""

    def work() -> OwingStateOut:
        owing.ask_customer(
            db, trouble_id=trouble_id, actor=_actor(caller), note=body.note, area_ids=caller.sees_areas, now=now
        )
        return OwingStateOut(trouble_id=trouble_id, state="asked")

    return once(caller, work)


@router.post(
    "/payment-troubles/{trouble_id}/unask",
    operation_id="stopAskingToPay",
    summary="Take the question back",
    response_model=OwingStateOut,
)
def unask(caller: Dispatcher, db: Db, now: Now, once: Once, trouble_id: uuid.UUID) -> Response:
    """Their order asks for nothing any more, and it waits for somebody again; what the old way held stays let go."""

    def work() -> OwingStateOut:
        owing.stop_asking(db, trouble_id=trouble_id, actor=_actor(caller), area_ids=caller.sees_areas, now=now)
        return OwingStateOut(trouble_id=trouble_id, state="open")

    return once(caller, work)


@router.post(
    "/payment-troubles/{trouble_id}/end",
    operation_id="endTrouble",
    summary="Settle it by hand",
    response_model=OwingStateOut,
)
def end(caller: Hq, db: Db, now: Now, once: Once, trouble_id: uuid.UUID, body: ReasonIn) -> Response:
    """Head office only: write it off, or say that it was given back another way."""

    def work() -> OwingStateOut:
        owing.end(db, trouble_id=trouble_id, actor=_actor(caller), note=body.note, now=now)
        return OwingStateOut(trouble_id=trouble_id, state="closed")

    return once(caller, work)


def _actor(caller: Principal) -> str:
    return f"{caller.role.value}:{caller.account_id}"


def _out(one: Owing) -> OwingOut:
    trouble = one.trouble
    return OwingOut(
        id=trouble.id,
        order_id=trouble.order_id,
        order_no=one.order_no,
        channel=one.channel,
        order_state=one.state,
        store_id=one.store_id,
        member=one.member,
        kind=trouble.kind,
        amount_fen=trouble.amount_fen,
        total_fen=one.total_fen,
        reason=trouble.reason,
        state=trouble.state,
        outcome=trouble.outcome,
        opened_at=trouble.opened_at,
        due_at=trouble.due_at,
        closed_at=trouble.closed_at,
        tries=trouble.tries,
        try_at=trouble.try_at,
        steps=[TroubleStepOut(act=s.act, actor=s.actor, note=s.note, at=s.at) for s in trouble.steps],
    )

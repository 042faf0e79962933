"""HTTP of picking: the clerk's queue, scans and short picks. Start, finish, reject and release are the hall's: they change the order."""

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from o2o.catalogue import goods
from o2o.infra.http import Clerk, Db, Edge, Now, store_of
from o2o.kit.ids import Sku
from o2o.picking import pick_tasks, queries, scans, shorts
from o2o.picking.schemas import ConsentOut, LineNowOut, PickTaskOut, ScanIn, ShortIn, SubstituteIn

router = APIRouter(prefix="/api/pick-tasks", tags=["picking"], route_class=Edge)
State = Literal["open", "queued", "picking", "picked", "rejected", "cancelled"]


@router.get("", operation_id="listPickTasks", summary="The store's pick tasks", response_model=list[PickTaskOut])
def list_pick_tasks(caller: Clerk, db: Db, state: Annotated[State, Query()] = "open") -> list[PickTaskOut]:
    """`open` is queued and picking together; the most urgent first."""
    states = pick_tasks.OPEN if state == "open" else (state,)
    return queries.tasks(db, store_id=store_of(caller), states=states)


@router.get("/{task_id}", operation_id="getPickTask", summary="One pick task", response_model=PickTaskOut)
def get_pick_task(caller: Clerk, db: Db, task_id: uuid.UUID) -> PickTaskOut:
    """With its lines as they are."""
    return queries.task(db, task_id=task_id, store_id=store_of(caller))


@router.post("/{task_id}/scans", operation_id="scanPick", summary="Count a scan", response_model=LineNowOut)
def scan_pick(caller: Clerk, db: Db, now: Now, task_id: uuid.UUID, body: ScanIn) -> scans.LineNow:
    """Idempotent by `scan_id`, so a device may send its queue again."""
    return scans.scan(
        db, task_id=task_id, store_id=store_of(caller), clerk_id=caller.account_id, now=now, **body.model_dump()
    )


@router.post("/{task_id}/short", operation_id="reportShort", summary="Report a short pick", response_model=LineNowOut)
def report_short(caller: Clerk, db: Db, now: Now, task_id: uuid.UUID, body: ShortIn) -> scans.LineNow:
    """`quantity` is all that is short of the line, so telling it twice changes nothing."""
    return shorts.report_short(db, task_id=task_id, store_id=store_of(caller), now=now, **body.model_dump())


@router.post(
    "/{task_id}/substitutes",
    operation_id="proposeSubstitute",
    summary="Offer something else for what is short",
    response_model=ConsentOut,
)
def propose_substitute(caller: Clerk, db: Db, now: Now, task_id: uuid.UUID, body: SubstituteIn) -> ConsentOut:
    """The customer pays its price, but never more than what it stands for."""
    good = goods.get(db, sku=Sku(body.substitute_sku))
    consent = shorts.propose(
        db,
        task_id=task_id,
        store_id=store_of(caller),
        substitute_name=good.name_zh,
        charge_fen=good.unit_fen * body.quantity,
        now=now,
        **body.model_dump(),
    )
    return ConsentOut(consent=consent)

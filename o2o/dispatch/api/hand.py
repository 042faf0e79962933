"""HTTP of the dispatcher's hand: acts previewed, done, undone and looked up, each in one of the caller's areas."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from o2o.dispatch import riders
from o2o.dispatch.hand import lists, undo
from o2o.dispatch.models import Rider
from o2o.dispatch.schemas.hand import (
    ActionOut,
    ActionsOut,
    DoneOut,
    HandIn,
    OutfitIn,
    OutfitOut,
    PreviewOut,
    UndoneOut,
)
from o2o.infra.http import Db, Dispatcher, Now, Once, ToolsDep, check_area

router = APIRouter(prefix="/api", tags=["dispatch"])


@router.post(
    "/areas/{area_id}/hand/preview", operation_id="preview_hand", response_model=PreviewOut, summary="What it would do"
)
def preview(area_id: uuid.UUID, body: HandIn, caller: Dispatcher, db: Db, now: Now, tools: ToolsDep) -> PreviewOut:
    """The effect of a list of acts on every promise they touch; nothing is changed."""
    check_area(caller, area_id)
    found = lists.preview(db, tools.valkey, area_id=area_id, acts=body.meant(), roads=tools.roads, now=now)
    return PreviewOut.model_validate(found, from_attributes=True, strict=False)


@router.post("/areas/{area_id}/hand", operation_id="act_by_hand", response_model=DoneOut, summary="Do it by hand")
def act(
    area_id: uuid.UUID, body: HandIn, caller: Dispatcher, db: Db, now: Now, tools: ToolsDep, once: Once
) -> Response:
    """All acts in their order, or none: then 409 names each that cannot be done."""
    check_area(caller, area_id)

    def work() -> DoneOut:
        done = lists.perform(
            db,
            tools.valkey,
            area_id=area_id,
            actor_id=caller.account_id,
            acts=body.meant(),
            roads=tools.roads,
            now=now,
        )
        return DoneOut.model_validate(done, from_attributes=True, strict=False)

    return once(caller, work, status=201)


@router.post("/hand/{action_id}/undo", operation_id="undo_hand", response_model=UndoneOut, summary="Take it back")
def take_back(action_id: uuid.UUID, caller: Dispatcher, db: Db, now: Now, once: Once) -> Response:
    """Within ten seconds, while nothing has moved on."""

    def work() -> UndoneOut:
        undo.undo(db, action_id=action_id, actor_id=caller.account_id, area_ids=caller.sees_areas, now=now)
        return UndoneOut(action_id=action_id, state="undone")

    return once(caller, work)


@router.get("/areas/{area_id}/hand", operation_id="list_hand", response_model=ActionsOut, summary="Done by hand")
def actions(
    area_id: uuid.UUID, caller: Dispatcher, db: Db, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> ActionsOut:
    """Who did what and when, newest first."""
    check_area(caller, area_id)
    return ActionsOut(actions=[ActionOut.model_validate(row) for row in lists.past(db, area_id=area_id, limit=limit)])


@router.get(
    "/riders/{rider_id}", operation_id="get_outfit", response_model=OutfitOut, summary="What a rider carries with"
)
def outfit(rider_id: uuid.UUID, caller: Dispatcher, db: Db) -> Rider:
    """Vehicle, load, skills, and where the rider may ride to."""
    return riders.find(db, rider_id=rider_id, area_ids=caller.sees_areas)


@router.patch(
    "/riders/{rider_id}",
    operation_id="change_outfit",
    response_model=OutfitOut,
    summary="Change what a rider carries with",
)
def change_outfit(rider_id: uuid.UUID, body: OutfitIn, caller: Dispatcher, db: Db) -> Rider:
    """Holds from the next round on; what is on board stays there."""
    return riders.equip(db, rider_id=rider_id, outfit=body.meant(), area_ids=caller.sees_areas)

"""HTTP of counts: asked for, counted blind, reviewed by another pair of eyes, posted."""

import uuid
from typing import TypedDict

from fastapi import APIRouter, Response

from o2o.infra.http import Db, Keeper, Now, Once, StoreQuery
from o2o.inventory.api import named
from o2o.inventory.queries import counts
from o2o.inventory.schemas.counting import AgainIn, CountedIn, CountIn, CountOut, LeaseOut, PostedOut, VarianceOut
from o2o.inventory.schemas.parts import DoneOut, StoreIn
from o2o.inventory.shelf import counting
from o2o.kit.errors import Conflict
from o2o.kit.ids import StoreId
from o2o.kit.principal import Principal

router = APIRouter(prefix="/api/counts", tags=["inventory"])


class AskedAlready(Conflict):
    """These wait in an open count already."""

    code = "inventory.asked_already"


@router.get("", operation_id="listCounts", summary="Open counts")
def list_counts(caller: Keeper, db: Db, store_id: StoreQuery = None) -> list[CountOut]:
    """Oldest first."""
    return counts.of_store(db, store_id=named.place(db, caller, store_id))


@router.get("/{count_id}", operation_id="getCount", summary="One count")
def get_count(caller: Keeper, db: Db, count_id: uuid.UUID, store_id: StoreQuery = None) -> CountOut:
    """What waits to be counted and what is done, never what the books expect."""
    found = counts.of_store(db, store_id=named.place(db, caller, store_id), count_id=count_id)
    if not found:
        raise counting.NoSuchCount(count_id=count_id)
    return found[0]


@router.post("", operation_id="askForCount", summary="Ask for a count", response_model=DoneOut, status_code=201)
def ask_for_count(caller: Keeper, db: Db, now: Now, once: Once, body: CountIn) -> Response:
    """Of the SKUs named, or of everything when none is."""
    place = named.place(db, caller, body.store_id)
    named.known(db, body.skus, field="skus.{}")
    return once(caller, lambda: DoneOut(id=_asked(db, place, body, now)), status=201)


def _asked(db: Db, place: StoreId, body: CountIn, now: Now) -> uuid.UUID:
    if not body.skus:
        return counting.ask_full(db, store_id=place, because=body.because, now=now)
    found = counting.ask(db, store_id=place, skus=body.skus, because=body.because, now=now)
    if found is None:
        raise AskedAlready()
    return found


class _Key(TypedDict):
    count_id: uuid.UUID
    store_id: StoreId


def _key(db: Db, caller: Principal, count_id: uuid.UUID, store_id: uuid.UUID | None) -> _Key:
    return _Key(count_id=count_id, store_id=named.place(db, caller, store_id))


@router.post("/{count_id}/take", operation_id="takeCount", summary="Begin, or go on", response_model=LeaseOut)
def take_count(caller: Keeper, db: Db, now: Now, once: Once, count_id: uuid.UUID, body: StoreIn) -> Response:
    """The count is this clerk's for 150 seconds; each line renews it."""
    key = _key(db, caller, count_id, body.store_id)
    return once(caller, lambda: LeaseOut(until=counting.take(db, clerk_id=caller.account_id, now=now, **key)))


@router.post("/{count_id}/lines", operation_id="countLine", summary="Count a shelf", response_model=LeaseOut)
def count_line(caller: Keeper, db: Db, now: Now, once: Once, count_id: uuid.UUID, body: CountedIn) -> Response:
    """Good and damaged units together; again replaces."""
    key = _key(db, caller, count_id, body.store_id)
    named.known(db, [body.sku], field="sku")

    def work() -> LeaseOut:
        who = caller.account_id
        until = counting.record(db, clerk_id=who, sku=body.sku, quantity=body.quantity, at=body.at, now=now, **key)
        return LeaseOut(until=until)

    return once(caller, work)


@router.post("/{count_id}/submit", operation_id="submitCount", summary="Counted", response_model=DoneOut)
def submit_count(caller: Keeper, db: Db, now: Now, once: Once, count_id: uuid.UUID, body: StoreIn) -> Response:
    """Lines not counted stay out of the posting."""
    key = _key(db, caller, count_id, body.store_id)

    def work() -> DoneOut:
        counting.submit(db, clerk_id=caller.account_id, now=now, **key)
        return DoneOut(id=count_id)

    return once(caller, work)


@router.get("/{count_id}/review", operation_id="reviewCount", summary="Differences", response_model=list[VarianceOut])
def review_count(caller: Keeper, db: Db, count_id: uuid.UUID, store_id: StoreQuery = None) -> list[counting.Variance]:
    """For another pair of eyes than the counter's."""
    return counting.review(db, by=caller.account_id, **_key(db, caller, count_id, store_id))


@router.post("/{count_id}/again", operation_id="countAgain", summary="Have lines counted again", response_model=DoneOut)
def count_again(caller: Keeper, db: Db, now: Now, once: Once, count_id: uuid.UUID, body: AgainIn) -> Response:
    """The count is open again."""
    key = _key(db, caller, count_id, body.store_id)

    def work() -> DoneOut:
        counting.count_again(db, skus=body.skus, now=now, **key)
        return DoneOut(id=count_id)

    return once(caller, work)


@router.post("/{count_id}/post", operation_id="postCount", summary="Post a count", response_model=PostedOut)
def post_count(caller: Keeper, db: Db, now: Now, once: Once, count_id: uuid.UUID, body: StoreIn) -> Response:
    """The books then agree with the shelves as they were when counted."""
    key = _key(db, caller, count_id, body.store_id)
    return once(caller, lambda: PostedOut(changed=counting.post(db, by=caller.account_id, now=now, **key)))


@router.post("/{count_id}/cancel", operation_id="cancelCount", summary="Drop a count", response_model=DoneOut)
def cancel_count(caller: Keeper, db: Db, now: Now, once: Once, count_id: uuid.UUID, body: StoreIn) -> Response:
    """Nothing is posted."""
    key = _key(db, caller, count_id, body.store_id)

    def work() -> DoneOut:
        counting.cancel(db, by=caller.account_id, now=now, **key)
        return DoneOut(id=count_id)

    return once(caller, work)

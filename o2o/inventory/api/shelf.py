"""HTTP of the shelf, for the clerks of a store and for head office: what is there and why, receipts, waste."""

import uuid
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from o2o.infra.http import Db, Keeper, Now, Once, SkuPath, StoreQuery
from o2o.inventory.api import named
from o2o.inventory.queries import shelf
from o2o.inventory.schemas.parts import DoneOut, StoreIn
from o2o.inventory.schemas.shelf import (
    ApartIn,
    DiscrepancyOut,
    ExpiringOut,
    ReceiptIn,
    StockOut,
    WhyOut,
    WriteOffIn,
)
from o2o.inventory.shelf import expiry, receiving, write_offs
from o2o.inventory.supply import suppliers
from o2o.kit import ids

router = APIRouter(prefix="/api", tags=["inventory"])


@router.get("/stock", operation_id="listStock", summary="A store's stock")
def list_stock(
    caller: Keeper,
    db: Db,
    now: Now,
    store_id: StoreQuery = None,
    q: Annotated[str | None, Query(max_length=80, pattern=r"^[^\x00]*$", examples=["牛奶"])] = None,
    after: Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> StockOut:
    """By SKU; `q` looks in SKUs and names."""
    found = shelf.stock(db, store_id=named.place(db, caller, store_id), words=q, after=after, limit=limit, now=now)
    last = found[-1].sku if len(found) == limit else None
    return StockOut(items=found, next=last)


@router.get("/stock/{sku}/why", operation_id="whyStock", summary="Why this number")
def why_stock(caller: Keeper, db: Db, now: Now, sku: SkuPath, store_id: StoreQuery = None) -> WhyOut:
    """Each channel's sum step by step, the promises, the lots, the last moves of the shelf."""
    return shelf.why(db, store_id=named.place(db, caller, store_id), sku=sku, now=now)


@router.get(
    "/expiring-lots", operation_id="listExpiring", summary="Lots by their last day", response_model=list[ExpiringOut]
)
def list_expiring(
    caller: Keeper, db: Db, now: Now, store_id: StoreQuery = None, days: Annotated[int, Query(ge=0, le=365)] = 3
) -> list[expiry.ExpiringLot]:
    """Those that run out within so many days, and those that have."""
    place = named.place(db, caller, store_id)
    return expiry.expiring(db, store_id=place, until=expiry.today(db, store_id=place, now=now) + timedelta(days=days))


@router.get("/discrepancies", operation_id="listDiscrepancies", summary="Open discrepancies")
def list_discrepancies(caller: Keeper, db: Db, store_id: StoreQuery = None) -> list[DiscrepancyOut]:
    """Where more is promised or gone than the books had."""
    return shelf.discrepancies(db, store_id=named.place(db, caller, store_id))


@router.post("/receipts", operation_id="receiveGoods", summary="Receive goods", response_model=DoneOut, status_code=201)
def receive_goods(caller: Keeper, db: Db, now: Now, once: Once, body: ReceiptIn) -> Response:
    """Goods that arrived without a notice."""
    place, receipt_id = named.place(db, caller, body.store_id), ids.new_id()
    named.known(db, [line.sku for line in body.lines], field="lines.{}.sku")

    def work() -> DoneOut:
        lines = [receiving.ReceiptLine(**line.model_dump()) for line in body.lines]
        receiving.receive(db, store_id=place, receipt_id=receipt_id, lines=lines, now=now)
        return DoneOut(id=receipt_id)

    return once(caller, work, status=201)


@router.post(
    "/receipts/{receipt_id}/undo", operation_id="undoReceipt", summary="Take a receipt back", response_model=DoneOut
)
def undo_receipt(caller: Keeper, db: Db, now: Now, once: Once, receipt_id: uuid.UUID, body: StoreIn) -> Response:
    """For a quarter of an hour, while all of it is still there; an announced delivery is then to come again."""
    place = named.place(db, caller, body.store_id)

    def work() -> DoneOut:
        suppliers.undo(db, store_id=place, receipt_id=receipt_id, now=now)
        return DoneOut(id=receipt_id)

    return once(caller, work)


@router.post("/write-offs", operation_id="writeOff", summary="Write goods off", response_model=DoneOut, status_code=201)
def write_off(caller: Keeper, db: Db, now: Now, once: Once, body: WriteOffIn) -> Response:
    """Thrown away or gone, with a reason."""
    place, row_id = named.place(db, caller, body.store_id), ids.new_id()
    what = body.model_dump(exclude={"store_id"})

    def work() -> DoneOut:
        write_offs.write_off(db, store_id=place, write_off_id=row_id, by=caller.account_id, now=now, **what)
        return DoneOut(id=row_id)

    return once(caller, work, status=201)


@router.post(
    "/write-offs/{write_off_id}/undo",
    operation_id="undoWriteOff",
    summary="Take a write-off back",
    response_model=DoneOut,
)
def undo_write_off(caller: Keeper, db: Db, now: Now, once: Once, write_off_id: uuid.UUID, body: StoreIn) -> Response:
    """For a quarter of an hour, unless the shelf was counted since."""
    place = named.place(db, caller, body.store_id)

    def work() -> DoneOut:
        write_offs.undo(db, store_id=place, write_off_id=write_off_id, now=now)
        return DoneOut(id=write_off_id)

    return once(caller, work)


@router.post("/stock-apart", operation_id="setApart", summary="Set units apart, or back", response_model=DoneOut)
def set_apart(caller: Keeper, db: Db, now: Now, once: Once, body: ApartIn) -> Response:
    """To or from the damaged pile or quality control; they stay on hand."""
    place, cause_id = named.place(db, caller, body.store_id), ids.new_id()

    def work() -> DoneOut:
        what = body.model_dump(exclude={"store_id"})
        write_offs.set_apart(db, store_id=place, cause_id=cause_id, now=now, **what)
        return DoneOut(id=cause_id)

    return once(caller, work)

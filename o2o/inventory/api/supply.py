"""HTTP of what comes and goes in bulk: transfers between stores, announced deliveries, suppliers' records."""

import uuid
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from o2o.infra.http import Db, Hq, Keeper, Now, Once, StoreQuery
from o2o.inventory.api import named
from o2o.inventory.lines import Line
from o2o.inventory.queries.supply import notices_of, transfers_of
from o2o.inventory.schemas.parts import DoneOut, StoreIn
from o2o.inventory.schemas.supply import (
    ArrivalsIn,
    ArrivedAllIn,
    DeliveredOut,
    DifferenceOut,
    DifferencesOut,
    NoticeIn,
    NoticeOut,
    ScoreOut,
    SupplierIn,
    SupplierOut,
    TransferIn,
    TransferOut,
)
from o2o.inventory.supply import suppliers, transfers
from o2o.kit import ids

router = APIRouter(prefix="/api", tags=["inventory"])


@router.get("/transfers", operation_id="listTransfers", summary="Transfers from and to a store")
def list_transfers(caller: Keeper, db: Db, store_id: StoreQuery = None) -> list[TransferOut]:
    """Newest first."""
    return transfers_of(db, store_id=named.place(db, caller, store_id))


@router.post(
    "/transfers", operation_id="draftTransfer", summary="Plan a transfer", response_model=DoneOut, status_code=201
)
def draft_transfer(caller: Keeper, db: Db, now: Now, once: Once, body: TransferIn) -> Response:
    """Nothing moves yet."""
    place, transfer_id = named.place(db, caller, body.store_id), ids.new_id()
    lines = [Line(line.sku, line.quantity) for line in body.lines]
    named.known(db, [line.sku for line in lines], field="lines.{}.sku")

    def work() -> DoneOut:
        to = named.store(db, body.to_store_id, field="to_store_id")
        transfers.draft(db, transfer_id=transfer_id, from_store_id=place, to_store_id=to, lines=lines, now=now)
        return DoneOut(id=transfer_id)

    return once(caller, work, status=201)


@router.post("/transfers/{transfer_id}/send", operation_id="sendTransfer", summary="It leaves", response_model=DoneOut)
def send_transfer(caller: Keeper, db: Db, now: Now, once: Once, transfer_id: uuid.UUID, body: StoreIn) -> Response:
    """By the sending store; what is promised to orders does not leave."""
    place = named.place(db, caller, body.store_id)

    def work() -> DoneOut:
        transfers.send(db, transfer_id=transfer_id, store_id=place, now=now)
        return DoneOut(id=transfer_id)

    return once(caller, work)


@router.post(
    "/transfers/{transfer_id}/receive", operation_id="receiveTransfer", summary="It came", response_model=DoneOut
)
def receive_transfer(
    caller: Keeper, db: Db, now: Now, once: Once, transfer_id: uuid.UUID, body: ArrivalsIn
) -> Response:
    """By the receiving store, every sent SKU once; a loss has a reason."""
    place = named.place(db, caller, body.store_id)
    arrivals = [transfers.Arrival(**arrival.model_dump()) for arrival in body.arrivals]

    def work() -> DoneOut:
        transfers.receive(db, transfer_id=transfer_id, store_id=place, arrivals=arrivals, now=now)
        return DoneOut(id=transfer_id)

    return once(caller, work)


@router.post(
    "/transfers/{transfer_id}/cancel", operation_id="cancelTransfer", summary="Drop a draft", response_model=DoneOut
)
def cancel_transfer(caller: Keeper, db: Db, once: Once, transfer_id: uuid.UUID, body: StoreIn) -> Response:
    """Only before it leaves."""
    place = named.place(db, caller, body.store_id)

    def work() -> DoneOut:
        transfers.cancel(db, transfer_id=transfer_id, store_id=place)
        return DoneOut(id=transfer_id)

    return once(caller, work)


@router.get("/supply-notices", operation_id="listNotices", summary="Announced deliveries")
def list_notices(caller: Keeper, db: Db, store_id: StoreQuery = None) -> list[NoticeOut]:
    """Those to come first."""
    return notices_of(db, store_id=named.place(db, caller, store_id))


@router.post(
    "/supply-notices",
    operation_id="announceDelivery",
    summary="Announce a delivery",
    response_model=DoneOut,
    status_code=201,
)
def announce_delivery(caller: Hq, db: Db, now: Now, once: Once, body: NoticeIn) -> Response:
    """What a supplier will bring, where and by when."""
    notice_id, lines = ids.new_id(), [Line(line.sku, line.quantity) for line in body.lines]
    told = body.model_dump(include={"supplier", "store_id", "due_at"})
    named.known(db, [line.sku for line in lines], field="lines.{}.sku")

    def work() -> DoneOut:
        named.store(db, body.store_id, field="store_id")
        suppliers.announce(db, notice_id=notice_id, lines=lines, now=now, **told)
        return DoneOut(id=notice_id)

    return once(caller, work, status=201)


@router.post(
    "/supply-notices/{notice_id}/receive",
    operation_id="receiveDelivery",
    summary="Receive an announced delivery",
    response_model=DifferencesOut,
    status_code=201,
)
def receive_delivery(
    caller: Keeper, db: Db, now: Now, once: Once, notice_id: uuid.UUID, body: ArrivedAllIn
) -> Response:
    """Answers what differs from the notice."""
    place, receipt_id = named.place(db, caller, body.store_id), ids.new_id()
    arrived = [suppliers.Arrived(**line.model_dump()) for line in body.arrived]
    named.known(db, [line.sku for line in arrived], field="arrived.{}.sku")

    def work() -> DifferencesOut:
        found = suppliers.receive(
            db, notice_id=notice_id, receipt_id=receipt_id, store_id=place, arrived=arrived, now=now
        )
        return DifferencesOut(id=receipt_id, differences=[DifferenceOut.model_validate(d) for d in found])

    return once(caller, work, status=201)


@router.get(
    "/supplier-scores", operation_id="listSupplierScores", summary="Suppliers' records", response_model=list[ScoreOut]
)
def list_scores(_: Hq, db: Db, now: Now, days: Annotated[int, Query(ge=1, le=730)] = 90) -> list[suppliers.Score]:
    """On time, in full, whole; over the last days."""
    return suppliers.scorecard(db, since=now - timedelta(days=days), until=now + timedelta(seconds=1))


@router.get(
    "/supply-differences",
    operation_id="listSupplyDifferences",
    summary="What did not come as announced",
    response_model=list[DeliveredOut],
)
def list_differences(
    _: Hq,
    db: Db,
    now: Now,
    supplier: Annotated[str | None, Query(max_length=120, pattern=r"^[^\x00]*$")] = None,
    days: Annotated[int, Query(ge=1, le=730)] = 90,
) -> list[DeliveredOut]:
    """At most a hundred, the latest first."""
    found = suppliers.differences(db, since=now - timedelta(days=days), supplier=supplier)
    return [DeliveredOut.model_validate(one) for one in found]


@router.get(
    "/suppliers", operation_id="listSuppliers", summary="Suppliers' English names", response_model=list[SupplierOut]
)
def list_suppliers(_: Keeper, db: Db) -> list[SupplierOut]:
    """Those that have one; a supplier is known by its name everywhere else."""
    return [SupplierOut(supplier=name, name_en=en) for name, en in suppliers.english_names(db).items()]


@router.post(
    "/suppliers", operation_id="nameSupplier", summary="Name a supplier in English", response_model=SupplierOut
)
def name_supplier(caller: Hq, db: Db, once: Once, body: SupplierIn) -> Response:
    """The name before is replaced."""

    def work() -> SupplierOut:
        suppliers.call_in_english(db, supplier=body.supplier, name_en=body.name_en)
        return SupplierOut(supplier=body.supplier, name_en=body.name_en)

    return once(caller, work)

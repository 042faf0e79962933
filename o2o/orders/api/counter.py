"""HTTP of the counter: the till's sales, and goods and money that come back."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Response

from o2o.infra.http import Clerk, Customer, Db, Edge, Now, Once, ToolsDep, store_of
from o2o.kit.ids import OrderId, Sku, StoreId
from o2o.orders import aftersales, queries, till, till_codes
from o2o.orders.models import ReturnRequest
from o2o.orders.schemas.counter import (
    CounterOrderOut,
    DecideIn,
    InspectIn,
    OpenReturnOut,
    ReturnIn,
    ReturnOut,
    ReturnStateOut,
    SaleIn,
    SaleOut,
)
from o2o.orders.schemas.orders import PricedLineOut, StateOut
from o2o.orders.schemas.owing import TillCodeOut, UnpaidSaleOut
from o2o.payments import cashier

router = APIRouter(prefix="/api", tags=["counter"], route_class=Edge)


@router.post("/till/sales", operation_id="sell", summary="A sale at the till", response_model=SaleOut, status_code=201)
def sell(caller: Clerk, db: Db, now: Now, once: Once, body: SaleIn) -> Response:
    """Never refuses goods that are there. The same `sale_id` again answers with the first receipt."""
    store_id = store_of(caller)

    def work() -> SaleOut:
        items = [
            till.Scanned(Sku(i.sku) if i.sku else None, i.barcode, i.quantity, i.weight_g, i.price_fen)
            for i in body.items
        ]
        return _receipt(
            till.sell(
                db,
                sale_id=body.sale_id,
                store_id=store_id,
                clerk_id=caller.account_id,
                items=items,
                tender=body.tender,
                at=body.at,
                now=now,
                member_code=body.member_code,
                coupon_id=body.coupon_id,
                points_asked=body.points,
                offline=body.offline,
            )
        )

    return once(caller, work, status=201)


@router.get(
    "/till/unpaid", operation_id="listUnpaid", summary="Sold by code, not paid", response_model=list[UnpaidSaleOut]
)
def list_unpaid(caller: Clerk, db: Db) -> list[till_codes.Unpaid]:
    """Of the clerk's own store, the newest first; those whose code has run out, too."""
    return till_codes.unpaid(db, store_id=store_of(caller))


@router.post("/till/sales/{sale_id}/code", operation_id="showCode", summary="A code to pay", response_model=TillCodeOut)
def show_code(caller: Clerk, db: Db, now: Now, tools: ToolsDep, sale_id: uuid.UUID) -> TillCodeOut:
    """For a sale of the clerk's store by code: the same one while it can be paid, a fresh one after that."""
    found = till_codes.code(db, sale_id=sale_id, store_id=store_of(caller), fresh=True, now=now)
    return _code(found, tools, now)


@router.get("/till/sales/{sale_id}/code", operation_id="watchCode", summary="Is it paid?", response_model=TillCodeOut)
def watch_code(caller: Clerk, db: Db, now: Now, tools: ToolsDep, sale_id: uuid.UUID) -> TillCodeOut:
    """Of the clerk's own store."""
    found = till_codes.code(db, sale_id=sale_id, store_id=store_of(caller), fresh=False, now=now)
    return _code(found, tools, now)


@router.post("/till/sales/{sale_id}/cash", operation_id="payCash", summary="Cash after all", response_model=StateOut)
def pay_cash(caller: Clerk, db: Db, now: Now, once: Once, sale_id: uuid.UUID) -> Response:
    """Of a sale by code that was not paid: its code ends, and cash is in the drawer."""
    store_id = store_of(caller)

    def work() -> StateOut:
        till_codes.pay_cash(db, sale_id=sale_id, store_id=store_id, clerk_id=caller.account_id, now=now)
        return StateOut(state="paid")

    return once(caller, work)


@router.post(
    "/orders/{order_id}/returns",
    operation_id="requestReturn",
    summary="Ask for money back",
    response_model=ReturnStateOut,
    status_code=201,
)
def request_return(caller: Customer, db: Db, now: Now, once: Once, order_id: uuid.UUID, body: ReturnIn) -> Response:
    """For my own delivered order, until the return window closes."""
    return once(caller, lambda: _asked(db, order_id, caller.account_id, body, now), status=201)


@router.get(
    "/orders/{order_id}/returns", operation_id="listReturns", summary="My requests", response_model=list[ReturnOut]
)
def list_returns(caller: Customer, db: Db, order_id: uuid.UUID) -> list[ReturnRequest]:
    """Of my own order."""
    queries.owned(db, order_id=order_id, member_id=caller.account_id)
    return aftersales.of_order(db, order_id=OrderId(order_id))


@router.get(
    "/returns", operation_id="listOpenReturns", summary="Requests to deal with", response_model=list[OpenReturnOut]
)
def list_open_returns(caller: Clerk, db: Db) -> list[OpenReturnOut]:
    """Open requests for orders of the clerk's store, and goods received there."""
    rows = queries.open_returns(db, store_id=store_of(caller))
    called = queries.numbers(db, order_ids={row.order_id for row in rows})
    return [OpenReturnOut(**ReturnOut.model_validate(row).model_dump(), order_no=called[row.order_id]) for row in rows]


@router.get(
    "/counter/pickups",
    operation_id="listPickups",
    summary="Waiting at the counter",
    response_model=list[CounterOrderOut],
)
def list_pickups(caller: Clerk, db: Db) -> list[CounterOrderOut]:
    """Packed orders that customers will fetch at the clerk's store."""
    return queries.pickups(db, store_id=store_of(caller))


@router.get(
    "/counter/orders/{order_no}",
    operation_id="findOrder",
    summary="An order by its number",
    response_model=CounterOrderOut,
)
def find_order(
    caller: Clerk, db: Db, order_no: Annotated[str, Path(pattern=r"^[2-9A-Z]{4}-[2-9A-Z]{4}$")]
) -> CounterOrderOut:
    """As the receipt says; without its owner's name, phone or address."""
    store_of(caller)
    return queries.by_number(db, order_no=order_no)


@router.post(
    "/counter/orders/{order_id}/returns",
    operation_id="requestReturnAtCounter",
    summary="Ask for a customer at the counter",
    response_model=ReturnStateOut,
    status_code=201,
)
def request_at_counter(caller: Clerk, db: Db, now: Now, once: Once, order_id: uuid.UUID, body: ReturnIn) -> Response:
    """Any store may take goods of any store's order; the receipt names the order."""
    store_id = store_of(caller)
    return once(caller, lambda: _asked(db, order_id, None, body, now, store_id), status=201)


@router.post(
    "/returns/{return_id}/decide", operation_id="decideReturn", summary="Yes or no", response_model=ReturnStateOut
)
def decide_return(caller: Clerk, db: Db, now: Now, once: Once, return_id: uuid.UUID, body: DecideIn) -> Response:
    """Of a request that concerns the clerk's store. Yes to one without goods gives the money back at once."""
    store_id = store_of(caller)
    return once(
        caller,
        lambda: ReturnStateOut(
            return_id=return_id,
            state=aftersales.decide(
                db, return_id=return_id, store_id=store_id, approve=body.approve, note=body.note, now=now
            ),
        ),
    )


@router.post(
    "/returns/{return_id}/receive", operation_id="receiveReturn", summary="Goods are in", response_model=ReturnStateOut
)
def receive_return(caller: Clerk, db: Db, now: Now, once: Once, return_id: uuid.UUID) -> Response:
    """At the clerk's store, whichever store sold them. Not accepted yet."""
    store_id = store_of(caller)
    return once(
        caller,
        lambda: ReturnStateOut(
            return_id=return_id, state=aftersales.receive(db, return_id=return_id, store_id=store_id, now=now)
        ),
    )


@router.post(
    "/returns/{return_id}/inspect",
    operation_id="inspectReturn",
    summary="Goods were looked at",
    response_model=ReturnStateOut,
)
def inspect_return(caller: Clerk, db: Db, now: Now, once: Once, return_id: uuid.UUID, body: InspectIn) -> Response:
    """Accepted goods go back on the shelf, are set apart, or thrown away, and the money goes back; refused ones do not."""
    store_id = store_of(caller)
    return once(
        caller,
        lambda: ReturnStateOut(
            return_id=return_id,
            state=aftersales.inspect(db, return_id=return_id, store_id=store_id, outcome=body.outcome, now=now),
        ),
    )


def _asked(
    db: Db, order_id: uuid.UUID, member_id: uuid.UUID | None, body: ReturnIn, now: Now, store_id: StoreId | None = None
) -> ReturnStateOut:
    state = aftersales.request(
        db,
        return_id=body.return_id,
        order_id=OrderId(order_id),
        member_id=member_id,
        kind=body.kind,
        lines=[aftersales.Piece(line.no, line.quantity, line.sku) for line in body.lines],
        reason=body.reason,
        note=body.note,
        now=now,
        store_id=store_id,
    )
    return ReturnStateOut(return_id=body.return_id, state=state)


def _code(found: till_codes.Code, tools: ToolsDep, now: Now) -> TillCodeOut:
    pay_url = ""
    if found.state == "waiting":
        pay_url = cashier.prepare(tools.engine, ref=found.ref, amount_fen=found.amount_fen, now=now)
    return TillCodeOut(state=found.state, amount_fen=found.amount_fen, expires_at=found.expires_at, pay_url=pay_url)


def _receipt(sold: till.Sold) -> SaleOut:
    priced = sold.priced
    return SaleOut(
        order_id=sold.order_id,
        order_no=sold.order_no,
        lines=[PricedLineOut.of(*one) for one in zip(priced.lines, sold.goods, strict=True)],
        goods_fen=priced.goods_fen,
        coupon_fen=priced.coupon_fen,
        points=priced.points,
        points_fen=priced.points_fen,
        total_fen=priced.total_fen,
        pay_ref=sold.pay_ref,
        points_earned=sold.points_earned,
        discrepancies=sold.discrepancies,
        known=sold.known,
    )

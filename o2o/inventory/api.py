"""HTTP of stock, for the clerks of a store and for head office: the shelf, why, receipts, waste, rules, limited offers."""

import uuid
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from o2o.infra.http import Db, Hq, Now, Once
from o2o.inventory import channel_rules, expiry, flash, queries, stocktaking
from o2o.inventory.counting_api import router as counting_router
from o2o.inventory.doorkeeping_api import Keeper, SkuPath, StoreQuery, store_of
from o2o.inventory.replenishment_api import router as replenishment_router
from o2o.inventory.rules import Rule
from o2o.inventory.schemas import (
    ApartIn,
    DiscrepancyOut,
    DoneOut,
    EffectOut,
    EffectsOut,
    ExpiringOut,
    ItemOut,
    OfferEndedOut,
    OfferEndIn,
    OfferIn,
    OfferOut,
    ReceiptIn,
    RuleIn,
    RuleOut,
    StockOut,
    WhyOut,
    WriteOffIn,
)
from o2o.inventory.supply_api import router as supply_router
from o2o.kit import ids

router = APIRouter(prefix="/api", tags=["inventory"])


@router.get("/stock", operation_id="listStock", summary="A store's stock", response_model=StockOut)
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
    found = queries.stock(db, store_id=store_of(caller, store_id), words=q, after=after, limit=limit, now=now)
    last = found[-1].sku if len(found) == limit else None
    return StockOut(items=[ItemOut.model_validate(item) for item in found], next=last)


@router.get("/stock/{sku}/why", operation_id="whyStock", summary="Why this number", response_model=WhyOut)
def why_stock(caller: Keeper, db: Db, now: Now, sku: SkuPath, store_id: StoreQuery = None) -> queries.Why:
    """Each channel's sum step by step, the promises, the lots, the last moves of the shelf."""
    return queries.why(db, store_id=store_of(caller, store_id), sku=sku, now=now)


@router.get(
    "/expiring-lots", operation_id="listExpiring", summary="Lots by their last day", response_model=list[ExpiringOut]
)
def list_expiring(
    caller: Keeper, db: Db, now: Now, store_id: StoreQuery = None, days: Annotated[int, Query(ge=0, le=365)] = 3
) -> list[expiry.ExpiringLot]:
    """Those that run out within so many days, and those that have."""
    place = store_of(caller, store_id)
    return expiry.expiring(db, store_id=place, until=expiry.today(db, store_id=place, now=now) + timedelta(days=days))


@router.get(
    "/discrepancies",
    operation_id="listDiscrepancies",
    summary="Open discrepancies",
    response_model=list[DiscrepancyOut],
)
def list_discrepancies(caller: Keeper, db: Db, store_id: StoreQuery = None) -> list[queries.Open]:
    """Where more is promised or gone than the books had."""
    return queries.discrepancies(db, store_id=store_of(caller, store_id))


@router.post("/receipts", operation_id="receiveGoods", summary="Receive goods", response_model=DoneOut, status_code=201)
def receive_goods(caller: Keeper, db: Db, now: Now, once: Once, body: ReceiptIn) -> Response:
    """Goods that arrived without a notice."""
    place, receipt_id = store_of(caller, body.store_id), ids.new_id()

    def work() -> DoneOut:
        lines = [stocktaking.ReceiptLine(**line.model_dump()) for line in body.lines]
        stocktaking.receive(db, store_id=place, receipt_id=receipt_id, lines=lines, now=now)
        return DoneOut(id=receipt_id)

    return once(caller, work, status=201)


@router.post("/write-offs", operation_id="writeOff", summary="Write goods off", response_model=DoneOut, status_code=201)
def write_off(caller: Keeper, db: Db, now: Now, once: Once, body: WriteOffIn) -> Response:
    """Thrown away or gone, with a reason."""
    place, row_id = store_of(caller, body.store_id), ids.new_id()
    what = body.model_dump(exclude={"store_id"})

    def work() -> DoneOut:
        stocktaking.write_off(db, store_id=place, write_off_id=row_id, by=caller.account_id, now=now, **what)
        return DoneOut(id=row_id)

    return once(caller, work, status=201)


@router.post("/stock-apart", operation_id="setApart", summary="Set units apart, or back", response_model=DoneOut)
def set_apart(caller: Keeper, db: Db, now: Now, once: Once, body: ApartIn) -> Response:
    """To or from the damaged pile or quality control; they stay on hand."""
    place, cause_id = store_of(caller, body.store_id), ids.new_id()

    def work() -> DoneOut:
        what = body.model_dump(exclude={"store_id"})
        stocktaking.set_apart(db, store_id=place, cause_id=cause_id, now=now, **what)
        return DoneOut(id=cause_id)

    return once(caller, work)


@router.get("/channel-rules", operation_id="listChannelRules", summary="Rules in force", response_model=list[RuleOut])
def list_rules(_: Hq, db: Db) -> list[Rule]:
    """What the app may promise of which shelves."""
    return channel_rules.all_rules(db)


@router.post(
    "/channel-rules/preview",
    operation_id="previewChannelRule",
    summary="What a rule would do",
    response_model=EffectsOut,
)
def preview_rule(caller: Hq, db: Db, once: Once, body: RuleIn) -> Response:
    """Nothing is changed."""
    rule = Rule(ids.new_id(), **body.model_dump())
    return once(caller, lambda: _effects(rule.id, channel_rules.preview(db, rule=rule)))


@router.post(
    "/channel-rules",
    operation_id="saveChannelRule",
    summary="Put a rule in force",
    response_model=EffectsOut,
    status_code=201,
)
def save_rule(caller: Hq, db: Db, now: Now, once: Once, body: RuleIn) -> Response:
    """It holds at once."""
    rule = Rule(ids.new_id(), **body.model_dump())
    return once(caller, lambda: _effects(rule.id, channel_rules.save(db, rule=rule, now=now)), status=201)


@router.delete(
    "/channel-rules/{rule_id}",
    operation_id="removeChannelRule",
    summary="Take a rule out of force",
    response_model=EffectsOut,
)
def remove_rule(_: Hq, db: Db, now: Now, rule_id: uuid.UUID) -> EffectsOut:
    """What wider rules say holds again."""
    return _effects(rule_id, channel_rules.remove(db, rule_id=rule_id, now=now))


def _effects(rule_id: uuid.UUID, effects: list[channel_rules.Effect]) -> EffectsOut:
    return EffectsOut(id=rule_id, items=len(effects), first=[EffectOut.model_validate(e) for e in effects[:100]])


@router.post(
    "/limited-offers", operation_id="openOffer", summary="Open a limited offer", response_model=DoneOut, status_code=201
)
def open_offer(caller: Hq, db: Db, now: Now, once: Once, body: OfferIn) -> Response:
    """From now on the app sells exactly these units of the SKU at this store."""
    offer_id = ids.new_id()

    def work() -> DoneOut:
        flash.open_offer(db, offer_id=offer_id, now=now, **body.model_dump())
        return DoneOut(id=offer_id)

    return once(caller, work, status=201)


@router.get(
    "/limited-offers", operation_id="listOffers", summary="Limited offers that run", response_model=list[OfferOut]
)
def list_offers(_: Hq, db: Db) -> list[flash.Running]:
    """The newest first."""
    return flash.running(db)


@router.post(
    "/limited-offers/end", operation_id="endOffer", summary="End a limited offer", response_model=OfferEndedOut
)
def end_offer(caller: Hq, db: Db, now: Now, once: Once, body: OfferEndIn) -> Response:
    """What is left of it is ordinary stock again."""
    end_id = ids.new_id()
    return once(
        caller, lambda: OfferEndedOut(left=flash.close_offer(db, offer_id=end_id, now=now, **body.model_dump()))
    )


router.include_router(counting_router)
router.include_router(supply_router)
router.include_router(replenishment_router)

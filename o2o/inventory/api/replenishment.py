"""HTTP of replenishment: how goods are bought, promotions, what to order and why, and ordering it."""

import uuid
from datetime import timedelta

from fastapi import APIRouter, Response

from o2o.infra.http import Db, Hq, Keeper, Now, Once, SkuPath, StoreQuery
from o2o.inventory.api import named
from o2o.inventory.schemas.parts import DoneOut
from o2o.inventory.schemas.replenishment import (
    AllTermsIn,
    OrderedOut,
    OrderIn,
    PromotionIn,
    PromotionOut,
    ProposedOut,
    SavedOut,
    TermsOut,
)
from o2o.inventory.supply import promotions, replenishment
from o2o.inventory.supply import terms as supply_terms
from o2o.inventory.supply.replenishment import Proposed
from o2o.inventory.supply.terms import Terms
from o2o.kit import ids

router = APIRouter(prefix="/api", tags=["inventory"])
SHOWN = timedelta(days=90)


@router.post("/supply-terms", operation_id="saveSupplyTerms", summary="How SKUs are bought", response_model=SavedOut)
def save_terms(caller: Hq, db: Db, once: Once, body: AllTermsIn) -> Response:
    """A line known already is replaced."""
    terms = [Terms(**line.model_dump()) for line in body.terms]
    named.known(db, [line.sku for line in terms], field="terms.{}.sku")

    def work() -> SavedOut:
        supply_terms.save(db, terms=terms)
        return SavedOut(saved=len(terms))

    return once(caller, work)


@router.get(
    "/supply-terms", operation_id="listSupplyTerms", summary="How SKUs are bought", response_model=list[TermsOut]
)
def list_terms(_: Hq, db: Db) -> list[Terms]:
    """By supplier."""
    return supply_terms.known(db)


@router.delete(
    "/supply-terms/{sku}", operation_id="dropSupplyTerms", summary="A SKU is not bought any more", status_code=204
)
def drop_terms(_: Hq, db: Db, sku: SkuPath) -> Response:
    """Nothing of it is proposed from now on. Not bought already is fine."""
    supply_terms.drop(db, sku=sku)
    return Response(status_code=204)


@router.get("/promotions", operation_id="listPromotions", summary="Promoted days", response_model=list[PromotionOut])
def list_promotions(_: Hq, db: Db, now: Now) -> list[promotions.Promoted]:
    """Those of the last ninety days, running, and to come; the earliest first."""
    return promotions.known(db, since=now.date() - SHOWN)


@router.delete(
    "/promotions/{promotion_id}", operation_id="removePromotion", summary="Take promoted days back", status_code=204
)
def remove_promotion(_: Hq, db: Db, promotion_id: uuid.UUID) -> Response:
    """As if they had never been noted. Gone already is fine."""
    promotions.take_back(db, promotion_id=promotion_id)
    return Response(status_code=204)


@router.post(
    "/promotions", operation_id="savePromotion", summary="Promoted days", response_model=DoneOut, status_code=201
)
def save_promotion(caller: Hq, db: Db, once: Once, body: PromotionIn) -> Response:
    """The forecast learns what such days do, and expects it of days to come."""
    row_id = ids.new_id()
    named.known(db, [body.sku], field="sku")
    if body.store_id is not None:
        named.store(db, body.store_id, field="store_id")

    def work() -> DoneOut:
        promotions.note(db, promotion_id=row_id, **body.model_dump())
        return DoneOut(id=row_id)

    return once(caller, work, status=201)


@router.get(
    "/replenishment", operation_id="listProposals", summary="What to order, and why", response_model=list[ProposedOut]
)
def list_proposals(caller: Keeper, db: Db, store_id: StoreQuery = None) -> list[Proposed]:
    """Thought over several times a day."""
    return replenishment.proposals(db, store_id=named.place(db, caller, store_id))


@router.post(
    "/replenishment/orders",
    operation_id="orderProposed",
    summary="Order what is proposed",
    response_model=OrderedOut,
    status_code=201,
)
def order_proposed(caller: Keeper, db: Db, now: Now, once: Once, body: OrderIn) -> Response:
    """One announced delivery a supplier."""
    place = named.place(db, caller, body.store_id)
    return once(
        caller, lambda: OrderedOut(notices=replenishment.order(db, store_id=place, skus=body.skus, now=now)), status=201
    )

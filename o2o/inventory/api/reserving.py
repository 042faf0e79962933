"""HTTP of what may be sold of a shelf: channel rules, limited offers."""

import uuid

from fastapi import APIRouter, Response

from o2o.infra.http import Db, Hq, Now, Once
from o2o.inventory.api import named
from o2o.inventory.reserving import channel_rules, limited_offers
from o2o.inventory.reserving.rules import Rule
from o2o.inventory.schemas.parts import DoneOut
from o2o.inventory.schemas.reserving import (
    EffectOut,
    EffectsOut,
    OfferEndedOut,
    OfferEndIn,
    OfferIn,
    OfferOut,
    RuleIn,
    RuleOut,
)
from o2o.kit import ids

router = APIRouter(prefix="/api", tags=["inventory"])


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
    rule = _meant(db, body)
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
    rule = _meant(db, body)
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


def _meant(db: Db, body: RuleIn) -> Rule:
    """A rule of a store, goods and a category that there are: one of nothing would look as if it held."""
    if body.store_id is not None:
        named.store(db, body.store_id, field="store_id")
    if body.sku is not None:
        named.known(db, [body.sku], field="sku")
    if body.category is not None:
        named.category(db, body.category)
    return Rule(ids.new_id(), **body.model_dump())


def _effects(rule_id: uuid.UUID, effects: list[channel_rules.Effect]) -> EffectsOut:
    return EffectsOut(id=rule_id, items=len(effects), first=[EffectOut.model_validate(e) for e in effects[:100]])


@router.post(
    "/limited-offers", operation_id="openOffer", summary="Open a limited offer", response_model=DoneOut, status_code=201
)
def open_offer(caller: Hq, db: Db, now: Now, once: Once, body: OfferIn) -> Response:
    """From now on the app sells exactly these units of the SKU at this store."""
    offer_id = ids.new_id()
    named.store(db, body.store_id, field="store_id")
    named.known(db, [body.sku], field="sku")

    def work() -> DoneOut:
        limited_offers.begin(db, offer_id=offer_id, now=now, **body.model_dump())
        return DoneOut(id=offer_id)

    return once(caller, work, status=201)


@router.get(
    "/limited-offers", operation_id="listOffers", summary="Limited offers that run", response_model=list[OfferOut]
)
def list_offers(_: Hq, db: Db) -> list[limited_offers.Running]:
    """The newest first."""
    return limited_offers.running(db)


@router.post(
    "/limited-offers/end", operation_id="endOffer", summary="End a limited offer", response_model=OfferEndedOut
)
def end_offer(caller: Hq, db: Db, now: Now, once: Once, body: OfferEndIn) -> Response:
    """What is left of it is ordinary stock again."""
    end_id = ids.new_id()
    return once(
        caller, lambda: OfferEndedOut(left=limited_offers.end(db, offer_id=end_id, now=now, **body.model_dump()))
    )

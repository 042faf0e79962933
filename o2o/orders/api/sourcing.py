"""HTTP of sourcing: head office's rules, their preview, a day's choices made again, and why an order went where it went."""

import uuid
from dataclasses import asdict
from datetime import date, timedelta

from fastapi import APIRouter, Response

from o2o.infra.http import Db, Dispatcher, Edge, Hq, Now, Once
from o2o.orders.choices import days, lost, preview, replay, rule_book, why
from o2o.orders.fulfilment import parking
from o2o.orders.schemas.sourcing import (
    ApplyIn,
    Day,
    LanguageOut,
    LostOut,
    PreviewIn,
    PreviewOut,
    ReplayOut,
    RulesIn,
    RulesListOut,
    RulesOut,
    SettingOut,
    WhyOut,
)
from o2o.orders.sourcing import rules
from o2o.orders.sourcing.policy import ORDER_WIDE, STANDARD, SourcingPolicy

router = APIRouter(prefix="/api", tags=["sourcing"], route_class=Edge)


@router.get(
    "/sourcing/rules", operation_id="listSourcingRules", summary="Rules of sourcing", response_model=RulesListOut
)
def list_rules(caller: Hq, db: Db, now: Now) -> RulesListOut:
    """All versions, the newest first, and the language they are written in."""
    versions = [RulesOut.model_validate(one) for one in rule_book.every(db, now=now)]
    return RulesListOut(versions=versions, language=_LANGUAGE)


@router.post(
    "/sourcing/rules",
    operation_id="draftSourcingRules",
    summary="A new version",
    response_model=RulesOut,
    status_code=201,
)
def draft_rules(caller: Hq, db: Db, now: Now, once: Once, body: RulesIn) -> Response:
    """A draft: read and checked, in force nowhere."""
    return once(
        caller,
        lambda: RulesOut.model_validate(
            rule_book.draft(db, document=body.document, note=body.note, by=caller.account_id, now=now)
        ),
        status=201,
    )


@router.post(
    "/sourcing/rules/{rules_id}/preview",
    operation_id="previewSourcingRules",
    summary="What would have changed",
    response_model=PreviewOut,
)
def preview_rules(caller: Hq, db: Db, now: Now, rules_id: uuid.UUID, body: PreviewIn) -> PreviewOut:
    """Makes a past day's choices by these rules, and says which orders would have gone elsewhere. Changes nothing."""
    found = rule_book.get(db, rules_id=rules_id)
    day, after = body.day or _yesterday(db, now), preview.Place(**body.after.model_dump())
    return PreviewOut.model_validate(preview.preview(db, rules=found, day=day, after=after))


@router.post(
    "/sourcing/rules/{rules_id}/apply",
    operation_id="applySourcingRules",
    summary="Put in force",
    response_model=RulesOut,
)
def apply_rules(caller: Hq, db: Db, now: Now, once: Once, rules_id: uuid.UUID, body: ApplyIn) -> Response:
    """Now, or at a later moment. What was decided before stays as it was decided."""
    return once(
        caller,
        lambda: RulesOut.model_validate(
            rule_book.apply(db, rules_id=rules_id, at=body.at, by=caller.account_id, now=now)
        ),
    )


@router.post(
    "/sourcing/replay", operation_id="replaySourcing", summary="A day's choices again", response_model=ReplayOut
)
def replay_day(caller: Hq, db: Db, now: Now, day: Day | None = None) -> ReplayOut:
    """Yesterday unless told otherwise. Every choice is made again from what was known then; changes nothing."""
    return ReplayOut.model_validate(replay.replay(db, day=day or _yesterday(db, now)))


@router.get("/sourcing/lost", operation_id="lostDemand", summary="Demand lost on a day", response_model=LostOut)
def lost_demand(caller: Hq, db: Db, now: Now, day: Day | None = None) -> LostOut:
    """Today unless told otherwise. A customer counts once an hour, for the first basket no store could take."""
    asked = day or days.today(db, now=now)
    found = lost.report(db, span=days.window(db, day=asked))
    return LostOut.model_validate(asdict(found) | {"day": asked})


@router.get("/orders/{order_id}/why", operation_id="whyOrder", summary="Why this store", response_model=WhyOut)
def why_order(caller: Dispatcher, db: Db, order_id: uuid.UUID) -> WhyOut:
    """Every try: the candidates with their verdict or score by term, the ways, the runner-up, and the rules they were judged by."""
    parking.check_area(db, order_id=order_id, area_ids=caller.sees_areas)
    return why.of_order(db, order_id=order_id)


def _yesterday(db: Db, now: Now) -> date:
    return days.today(db, now=now) - timedelta(days=1)


def _setting(name: str) -> SettingOut:
    return SettingOut(name=name, default=getattr(STANDARD, name), order_wide=name in ORDER_WIDE)


_LANGUAGE = LanguageOut(
    settings=[_setting(name) for name in SourcingPolicy.__slots__],
    facts=list(rules.FACTS),
    operators=list(rules.OPERATORS),
    sorts=list(rules.SORTS),
    channels=list(rules.CHANNELS),
    methods=list(rules.METHODS),
)

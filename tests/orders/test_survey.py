"""Sourcing on real stores: with one thing wrong at the only store, that is what it names; with nothing wrong it is chosen."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.geo.lonlat import LonLat, offset
from o2o.infra.roads import StraightRoads
from o2o.inventory.shelf import receiving
from o2o.kit import ids
from o2o.kit.ids import Sku, StoreId
from o2o.orders.choices import rule_book
from o2o.orders.quoting import survey
from o2o.orders.quoting.survey import Found, Wish
from o2o.orders.sourcing.verdicts import Verdict
from o2o.picking import pick_tasks
from o2o.picking.pick_tasks import Wanted
from o2o.stores import hours, switches
from o2o.stores.places import ZoneIn
from o2o.stores.zones.shapes import Drawn
from tests.catalogue.make import a_product
from tests.hands import MONDAY_TEN
from tests.stores.make import CENTRE, a_store, an_area, disc

NOW = MONDAY_TEN
MILK, RICE = Sku("DAIRY-001"), Sku("RICE-001")
DOOR = offset(CENTRE, east_m=600, north_m=300)
AROUND = ZoneIn(shapes=(Drawn(disc(CENTRE, 3_000)),), fee_fen=300, min_basket_fen=2_000)
BY = uuid.uuid4()


def a_wish(db: Session, *, milk: int = 2, rice: int = 1, point: LonLat = DOOR, **more: Any) -> Wish:
    """Milk and rice for a door 700 m away."""
    goods.save(
        db, products=[a_product(MILK), a_product(RICE, name_en="Rice", price_fen=5_000, weight_g=5_000)], now=NOW
    )
    wanted = {sku: quantity for sku, quantity in ((MILK, milk), (RICE, rice)) if quantity}
    found = goods.get_many(db, skus=list(wanted))
    worth = sum(found[sku].price_fen * quantity for sku, quantity in wanted.items())
    return Wish(found, wanted, worth, **({"delivery": True, "point": point} | more))


def filled(
    db: Session, store_id: StoreId, *, milk: int = 20, rice: int = 20, expires_in_days: int | None = None
) -> StoreId:
    """A store with so much of each."""
    on = None if expires_in_days is None else (NOW + timedelta(days=expires_in_days)).date()
    lines = [
        receiving.ReceiptLine(sku, quantity, None if on is None else f"{sku}-{on}", on)
        for sku, quantity in ((MILK, milk), (RICE, rice))
        if quantity
    ]
    receiving.receive(db, store_id=store_id, receipt_id=ids.new_id(), lines=lines, now=NOW)
    return store_id


def ranked(db: Session, wish: Wish, *, now: datetime = NOW) -> Found:
    return survey.rank(db, wish=wish, roads=StraightRoads(), now=now)


def outside(db: Session) -> Wish:
    filled(db, a_store(db, "FAR", now=NOW, east_m=5_000, zones=[replace(AROUND, shapes=(Drawn(disc(CENTRE, 100)),))]))
    return a_wish(db)


def excluded_zone(db: Session) -> Wish:
    lake = ZoneIn(shapes=(Drawn(disc(DOOR, 200)),), excluded=True)
    filled(db, a_store(db, now=NOW, zones=[AROUND, lake]))
    return a_wish(db)


def ring_hours(db: Session) -> Wish:
    evening = replace(AROUND, windows=hours.every_day("17:00", "21:00"))
    filled(db, a_store(db, now=NOW, zones=[evening]))
    return a_wish(db)


def too_far(db: Session) -> Wish:
    wide = replace(AROUND, shapes=(Drawn(disc(CENTRE, 20_000)),))
    filled(db, a_store(db, now=NOW, zones=[wide]))
    return a_wish(db, point=offset(CENTRE, east_m=12_500, north_m=0))


def closed(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW, openings=hours.every_day("14:00", "22:00")))
    return a_wish(db)


def closes_before_ready(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW, openings=hours.every_day("08:00", "10:02")))
    return a_wish(db)


def emergency(db: Session) -> Wish:
    store_id = filled(db, a_store(db, now=NOW))
    switches.close(db, store_id=store_id, until=NOW + timedelta(hours=2), reason="停电", by=BY, now=NOW)
    return a_wish(db)


def no_stock(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW), milk=1)
    return a_wish(db)


def not_sold(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW), rice=0)
    return a_wish(db)


def below_minimum(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW))
    return a_wish(db, milk=1, rice=0)


def too_heavy(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW))
    return a_wish(db, rice=6)


def capacity_full(db: Session) -> Wish:
    store_id = filled(db, a_store(db, now=NOW))
    for nth in range(2):
        lines = [Wanted(Sku(f"X{n:03d}"), "货", "goods", 1) for n in range(120)]
        pick_tasks.open(
            db, task_id=ids.new_id(), order_id=ids.new_id(), shipment_id=ids.new_id(), order_no=f"FULL-000{nth}",
            store_id=store_id, lines=lines, due_at=NOW, preference="ask", work_s=5_000, now=NOW,
        )  # fmt: skip
    return a_wish(db)


def rejected_before(db: Session) -> Wish:
    return a_wish(db, excluded=frozenset({filled(db, a_store(db, now=NOW))}))


def _rules(db: Session, section: dict[str, Any]) -> None:
    drafted = rule_book.draft(db, document={"sections": [section]}, note="", by=None, now=NOW)
    rule_book.apply(db, rules_id=drafted.id, at=None, by=None, now=NOW)


def no_riders(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW))
    _rules(db, {"set": {"needs_riders": True}})
    return a_wish(db)


def too_slow(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW, zones=[replace(AROUND, speed_s=600)]))
    _rules(db, {"set": {"keep_ring_speed": True}})
    return a_wish(db)


def too_late(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW))
    _rules(db, {"set": {"longest_promise_s": 900}})
    return a_wish(db)


def ruled_out(db: Session) -> Wish:
    filled(db, a_store(db, now=NOW))
    _rules(db, {"refuse": [{"name": "nothing near", "if": [{"fact": "distance_m", "under": 1_000}]}]})
    return a_wish(db)


CASES: list[tuple[Verdict, Callable[[Session], Wish]]] = [
    (Verdict.OUTSIDE_AREA, outside),
    (Verdict.EXCLUDED_ZONE, excluded_zone),
    (Verdict.RING_HOURS, ring_hours),
    (Verdict.TOO_FAR, too_far),
    (Verdict.CLOSED, closed),
    (Verdict.CLOSES_BEFORE_READY, closes_before_ready),
    (Verdict.EMERGENCY_CLOSED, emergency),
    (Verdict.NO_STOCK, no_stock),
    (Verdict.NOT_SOLD_HERE, not_sold),
    (Verdict.BELOW_MINIMUM, below_minimum),
    (Verdict.TOO_HEAVY, too_heavy),
    (Verdict.CAPACITY_FULL, capacity_full),
    (Verdict.REJECTED_BEFORE, rejected_before),
    (Verdict.NO_RIDERS, no_riders),
    (Verdict.TOO_SLOW, too_slow),
    (Verdict.TOO_LATE, too_late),
    (Verdict.RULED_OUT, ruled_out),
]


def _said(db: Session, wish: Wish) -> list[dict[str, Any]]:
    found = ranked(db, wish)
    assert found.ranking.choice is None
    return list(found.why()["considered"])


@pytest.mark.parametrize(("verdict", "built"), CASES, ids=[verdict.value for verdict, _ in CASES])
def test_the_one_thing_that_is_wrong_is_what_is_named(
    db: Session, verdict: Verdict, built: Callable[[Session], Wish]
) -> None:
    said = _said(db, built(db))
    assert [one["verdict"] for one in said] == [verdict.value]


def test_with_nothing_wrong_the_store_is_chosen(db: Session) -> None:
    store_id = filled(db, a_store(db, now=NOW))
    choice = ranked(db, a_wish(db)).ranking.choice
    assert choice is not None
    assert choice.store_ids == (store_id,)


def test_a_full_store_says_until_when(db: Session) -> None:
    (said,) = _said(db, capacity_full(db))
    assert NOW < datetime.fromisoformat(said["facts"]["until"]) < NOW + timedelta(hours=1)


def test_goods_that_soon_run_out_of_date_draw_the_order_to_their_store(db: Session) -> None:
    area = an_area(db)
    fresh = a_store(db, "A", now=NOW, area_id=area, zones=[AROUND])
    old = a_store(db, "B", now=NOW, area_id=area, zones=[AROUND])
    filled(db, fresh, expires_in_days=30)
    filled(db, old, expires_in_days=1)
    found = ranked(db, a_wish(db))
    assert found.ranking.choice is not None
    assert found.ranking.choice.store_ids == (old,)
    assert found.ranking.choice.terms["expiry"] == -45


def test_a_later_ring_of_a_far_store_is_promised_within_its_window(db: Session) -> None:
    ring = replace(AROUND, shapes=(Drawn(disc(CENTRE, 10_000)),), arrives=(time(17, 0), time(20, 0)))
    store_id = filled(db, a_store(db, now=NOW, zones=[ring]))
    found = ranked(db, a_wish(db))
    plan = found.offers()[0].last.plan
    # Ten in the morning by the store's clock is two o'clock UTC; its window today is 9:00 to 12:00 UTC.
    assert (plan.arrive_from, plan.arrive_by) == (NOW.replace(hour=9), NOW.replace(hour=12))
    assert plan.arrive_from < plan.expected_at < plan.arrive_by
    assert found.offers()[0].parts[0].store_id == store_id


def test_after_the_window_has_begun_the_promise_is_for_tomorrow(db: Session) -> None:
    ring = replace(AROUND, arrives=(time(9, 0), time(12, 0)))
    filled(db, a_store(db, now=NOW, zones=[ring]))
    plan = ranked(db, a_wish(db)).offers()[0].last.plan
    assert plan.arrive_from == NOW.replace(hour=1) + timedelta(days=1)


def test_a_window_that_can_no_longer_be_kept_gives_way_to_the_next(db: Session) -> None:
    ring = replace(AROUND, arrives=(time(10, 5), time(10, 15)))
    filled(db, a_store(db, now=NOW, zones=[ring]))
    plan = ranked(db, a_wish(db)).offers()[0].last.plan
    assert plan.arrive_from == NOW.replace(minute=5) + timedelta(days=1)


def test_a_store_that_is_shut_now_takes_orders_for_its_later_window(db: Session) -> None:
    ring = replace(AROUND, arrives=(time(17, 0), time(20, 0)))
    store_id = filled(db, a_store(db, now=NOW, zones=[ring], openings=hours.every_day("14:00", "22:00")))
    choice = ranked(db, a_wish(db)).ranking.choice
    assert choice is not None
    assert choice.store_ids == (store_id,)


def test_work_that_would_run_into_the_noon_closing_is_refused_though_the_store_opens_again(db: Session) -> None:
    openings = (*hours.every_day("08:00", "10:02"), *hours.every_day("10:20", "22:00"))
    filled(db, a_store(db, now=NOW, openings=openings))
    assert [one["verdict"] for one in _said(db, a_wish(db))] == ["closes_before_ready"]


def test_the_parts_of_a_shared_order_are_planned_for_what_they_bring(db: Session) -> None:
    area = an_area(db)
    milk = filled(db, a_store(db, "A", now=NOW, area_id=area), rice=0)
    rice = filled(db, a_store(db, "B", now=NOW, area_id=area, north_m=400), milk=0)
    found = ranked(db, a_wish(db))
    (offer,) = found.offers()
    assert {(part.store_id, part.lines) for part in offer.parts} == {(milk, ((MILK, 2),)), (rice, ((RICE, 1),))}
    whole = {one.store_id: one.candidate.arrive_s for one in found.ranking.assessed}
    for part in offer.parts:
        assert (part.plan.arrive_by - NOW).total_seconds() <= whole[StoreId(part.store_id)]


def test_rules_count_from_the_moment_they_are_applied_for(db: Session) -> None:
    filled(db, a_store(db, now=NOW))
    wish = a_wish(db)
    drafted = rule_book.draft(
        db, document={"sections": [{"set": {"longest_promise_s": 900}}]}, note="", by=None, now=NOW
    )
    assert ranked(db, wish).ranking.choice is not None
    rule_book.apply(db, rules_id=drafted.id, at=NOW + timedelta(hours=1), by=None, now=NOW)
    before, after = ranked(db, wish), ranked(db, wish, now=NOW + timedelta(hours=1))
    assert (before.rules_version, after.rules_version) == (0, drafted.version)
    assert before.ranking.choice is not None
    assert after.ranking.choice is None


def test_rules_cannot_be_applied_to_the_past_nor_twice(db: Session) -> None:
    drafted = rule_book.draft(db, document={}, note="", by=None, now=NOW)
    with pytest.raises(rule_book.AppliesInThePast):
        rule_book.apply(db, rules_id=drafted.id, at=NOW - timedelta(seconds=1), by=None, now=NOW)
    rule_book.apply(db, rules_id=drafted.id, at=None, by=None, now=NOW)
    with pytest.raises(rule_book.AlreadyApplied):
        rule_book.apply(db, rules_id=drafted.id, at=None, by=None, now=NOW)

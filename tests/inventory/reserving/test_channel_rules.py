"""Which rule holds is decided by width, and what a rule will do is seen before it does it."""

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.inventory.reserving import availability, channel_rules, limited_offers, reservations, rules
from o2o.inventory.reserving.rules import Rule
from o2o.kit import ids
from tests.inventory.make import NOW, a_store_with, an_order, item, later, lines, put

HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)


def numbered(**parts: object) -> Rule:
    return Rule(ids.new_id(), **parts)


def held(known, store=HERE, sku="milk", category="dairy"):
    return rules.hold_for(known, store_id=store, sku=sku, category=category)


def test_the_narrower_rule_wins_and_leaves_the_rest_to_wider_ones() -> None:
    everywhere = numbered(safety=1, threshold=2)
    dairy = numbered(category="dairy", safety=3)
    milk = numbered(sku="milk", offered=False)
    found = held([milk, everywhere, dairy])
    assert (found.safety, found.threshold, found.offered) == (3, 2, False)
    assert (found.safety_rule, found.threshold_rule, found.offered_rule) == (dairy.id, everywhere.id, milk.id)
    assert held([milk, everywhere, dairy], sku="bread", category="bakery").safety == 1


def test_of_equal_width_the_store_s_own_rule_wins_and_then_the_newer_one() -> None:
    chain, mine, newer = (
        numbered(category="dairy", safety=1),
        numbered(category="dairy", safety=5, store_id=HERE),
        numbered(safety=9),
    )
    assert (held([chain, mine, newer]).safety, held([chain, mine, newer], store=THERE).safety) == (5, 1)
    assert held([Rule(uuid.UUID(int=8), safety=2), Rule(uuid.UUID(int=7), safety=1)]).safety == 2


def test_nothing_holds_where_no_rule_applies() -> None:
    assert held([numbered(store_id=THERE, safety=4)]) == rules.Held()


@pytest.fixture
def store(db: Session):
    goods.save_categories(
        db, categories=[goods.CategoryIn(code=code, name_zh=code, name_en=code) for code in ("dairy", "bakery")]
    )
    goods.save(
        db,
        products=[
            goods.ProductIn(sku="milk", name_zh="牛奶", name_en="Milk", category="dairy", price_fen=500),
            goods.ProductIn(sku="bread", name_zh="面包", name_en="Bread", category="bakery", price_fen=900),
        ],
        now=NOW,
    )
    return a_store_with(db, {"milk": 6, "bread": 6})


def free(db, store, channel="app"):
    found = availability.sellable(db, store_ids=[store], skus=["milk", "bread"], now=NOW, channel=channel)
    return found[store, "milk"], found[store, "bread"]


def test_a_rule_is_previewed_before_it_applies_and_undone_by_its_removal(db: Session, store) -> None:
    rule = numbered(category="dairy", safety=4)
    [effect] = channel_rules.preview(db, rule=rule)
    assert (effect.sku, effect.before, effect.after) == ("milk", 6, 2)
    assert free(db, store) == (6, 6)
    channel_rules.save(db, rule=rule, now=NOW)
    assert (free(db, store), free(db, store, "till")) == ((2, 6), (6, 6))
    with pytest.raises(reservations.OutOfStock):
        reservations.hold(
            db, reservation_id=ids.new_id(), order_id=an_order(), store_id=store, lines=lines(milk=3),
            expires_at=later(900), now=NOW,
        )  # fmt: skip
    channel_rules.remove(db, rule_id=rule.id, now=NOW)
    assert free(db, store) == (6, 6)


def test_below_its_threshold_a_sku_is_not_promised_at_all(db: Session, store) -> None:
    channel_rules.save(db, rule=numbered(sku="bread", threshold=5), now=NOW)
    reservations.hold(
        db,
        reservation_id=ids.new_id(),
        order_id=an_order(),
        store_id=store,
        lines=lines(bread=2),
        expires_at=later(900),
        now=NOW,
    )
    assert free(db, store) == (6, 0)
    with pytest.raises(reservations.OutOfStock):
        reservations.hold(
            db, reservation_id=ids.new_id(), order_id=an_order(), store_id=store, lines=lines(bread=1),
            expires_at=later(900), now=NOW,
        )  # fmt: skip


def test_goods_that_come_to_a_store_for_the_first_time_obey_the_rules(db: Session, store) -> None:
    channel_rules.save(db, rule=numbered(sku="bread", offered=False), now=NOW)
    new = a_store_with(db, {"bread": 3})
    put(db, new, {"milk": 1})
    assert free(db, new) == (1, 0)
    assert item(db, new, "bread")["on_hand"] == 3


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({}, "safety"),
        ({"safety": -1}, "safety"),
        ({"safety": 1, "threshold": 2**40}, "threshold"),
        ({"safety": 1, "sku": "a", "category": "b"}, "category"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_by_name(db: Session, bad, field) -> None:
    with pytest.raises(channel_rules.BadRule) as refused:
        channel_rules.save(db, rule=numbered(**bad), now=NOW)
    assert refused.value.facts["field"] == field


def test_a_preview_says_of_a_limited_offer_what_the_app_would_sell(db: Session, store) -> None:
    limited_offers.begin(db, offer_id=ids.new_id(), store_id=store, sku="milk", quantity=2, now=NOW)
    [effect] = channel_rules.preview(db, rule=numbered(sku="milk", threshold=3))
    assert (effect.before, effect.after) == (free(db, store)[0], 0) == (2, 0)
    [effect] = channel_rules.preview(db, rule=numbered(sku="milk", safety=1))
    assert (effect.before, effect.after) == (2, 2)


def test_an_item_that_slipped_past_the_rules_obeys_them_after_the_next_look(db: Session, store) -> None:
    channel_rules.save(db, rule=numbered(category="dairy", safety=4), now=NOW)
    db.execute(text("UPDATE stock_items SET safety = 0 WHERE store_id = :s"), {"s": store})
    channel_rules.settle(db, store_id=store)
    assert free(db, store) == (2, 6)

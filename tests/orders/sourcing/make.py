"""Builders of baskets and stores for sourcing, and a choice made by trying everything."""

import itertools
import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from o2o.kit.ids import AreaId, Sku, StoreId
from o2o.orders.sourcing.facts import NOT_KEPT, Ask, Candidate, Reach, Wanted
from o2o.orders.sourcing.policy import SourcingPolicy
from o2o.orders.sourcing.rules import Rules

NOW = datetime(2026, 3, 2, 2, 0, 0, 123_456, tzinfo=UTC)
AREA = AreaId(uuid.UUID(int=1))


def a_store_id(nth: int) -> StoreId:
    """The nth store's id; they sort as their numbers do."""
    return StoreId(uuid.UUID(int=1_000 + nth))


def an_ask(*lines: tuple[str, int, int, int], **more: Any) -> Ask:
    """A basket of (sku, pieces, worth, weight); two lines worth 50 together unless told otherwise."""
    wanted = lines or (("milk", 2, 3_000, 1_200), ("bread", 1, 2_000, 800))
    return Ask(now=NOW, lines=tuple(Wanted(Sku(sku), *rest) for sku, *rest in wanted), **({"delivery": True} | more))


def a_candidate(nth: int = 1, *, of: int = 2, **more: Any) -> Candidate:
    """An ordinary store a kilometre away that has plenty of every one of `of` lines."""
    given: dict[str, Any] = {
        "distance_m": 1_000, "ride_m": 1_300, "ride_s": 240, "fee_fen": 300, "min_basket_fen": 2_000, "ready_s": 260,
        "arrive_s": 1_500, "cost_fen": 410, "riders": 3, "hands": 2, "closes_s": 8 * 3_600, "left": (50,) * of, "expiring": (0,) * of,
    }  # fmt: skip
    return Candidate(a_store_id(nth), AREA, **(given | more))


def some_candidates(dice: random.Random, *, stores: int, ask: Ask) -> list[Candidate]:
    """Stores of which most lack something, a few everything, and some are refused for another cause."""
    many = len(ask.lines)
    return [
        a_candidate(
            nth,
            distance_m=dice.randrange(100, 4_000),
            ride_m=0,
            arrive_s=dice.randrange(900, 7_200),
            backlog_s=dice.choice([0, 300, 3_000, 8_000]),
            cost_fen=dice.randrange(350, 700),
            fee_fen=dice.choice([0, 300, 500]),
            riders=dice.randrange(4),
            open_deliveries=dice.randrange(12),
            reach=dice.choice([Reach.SERVES] * 9 + [Reach.OUTSIDE]),
            window_s=dice.choice([None] * 6 + [3_600]),
            left=tuple(dice.choice([NOT_KEPT, 0, 1, 2, 3, 5, 9]) for _ in range(many)),
            expiring=tuple(dice.choice([0, 0, 1, 4]) for _ in range(many)),
        )
        for nth in range(stores)
    ]


def a_random_ask(dice: random.Random, *, lines: int) -> Ask:
    """A basket in which any line may be cheap, dear, light or heavy."""
    return an_ask(
        *(
            (f"sku{n}", dice.randrange(1, 4), dice.randrange(200, 3_000), dice.randrange(100, 12_000))
            for n in range(lines)
        )
    )


def by_hand(
    candidates: Sequence[Candidate], ask: Ask, rules: Rules
) -> tuple[int, list[tuple[tuple[StoreId, ...], ...]]] | None:
    """The least score over every store and every sharing, by trying all of them, and all ways that reach it.

    Written from the description and on its own: it knows nothing of how the choice is made. Ways are store ids by line.
    """
    own = {c.store_id: rules.of(ask, c.area_id)[0] for c in candidates}
    order = rules.of(ask, None)[0]
    fine = [c for c in candidates if not _barred(c, ask, own[c.store_id])]
    singles = [
        c
        for c in fine
        if all(left >= line.quantity for left, line in zip(c.left, ask.lines, strict=True))
        and ask.weight_g <= own[c.store_id].heaviest_g
    ]
    ways = [((c,) * len(ask.lines)) for c in singles]
    if all(c.window_s is not None for c in singles):
        ways += [way for way in _sharings(fine, ask, order) if _fits(way, ask, own, order)]
    if not ways:
        return None
    scored = [(_cost(way, ask, own, order), tuple(c.store_id for c in way)) for way in ways]
    least = min(cost for cost, _ in scored)
    return least, [way for cost, way in scored if cost == least]


def _barred(c: Candidate, ask: Ask, policy: SourcingPolicy) -> bool:
    return (
        c.reach != Reach.SERVES
        or c.distance_m > policy.farthest_m
        or c.backlog_s > policy.most_backlog_s
        or ask.goods_fen < c.min_basket_fen
        or c.arrive_s > (policy.longest_promise_s if c.window_s is None else policy.latest_window_s)
    )


def _sharings(fine: Sequence[Candidate], ask: Ask, order: SourcingPolicy) -> Iterator[tuple[Candidate, ...]]:
    if ask.goods_fen < order.least_split_fen:
        return
    for together in range(2, order.most_shipments + 1):
        for stores in itertools.combinations(fine, together):
            for way in itertools.product(stores, repeat=len(ask.lines)):
                if set(way) == set(stores):
                    yield way


def _fits(way: Sequence[Candidate], ask: Ask, own: dict[StoreId, SourcingPolicy], order: SourcingPolicy) -> bool:
    for store in set(way):
        lines = [line for line, c in zip(ask.lines, way, strict=True) if c is store]
        if sum(line.value_fen for line in lines) < order.least_part_fen:
            return False
        if sum(line.weight_g for line in lines) > own[store.store_id].heaviest_g:
            return False
    return all(c.left[nth] >= line.quantity for nth, (c, line) in enumerate(zip(way, ask.lines, strict=True)))


def _cost(way: Sequence[Candidate], ask: Ask, own: dict[StoreId, SourcingPolicy], order: SourcingPolicy) -> int:
    stores = set(way)
    total = order.split_fen * (len(stores) - 1) + max(c.fee_fen for c in stores)
    for c in stores:
        policy = own[c.store_id]
        total += (
            c.distance_m * policy.fen_per_km // 1_000 + c.backlog_s * policy.fen_per_backlog_minute // 60 + c.cost_fen
        )
        over = max(0, c.open_deliveries - 2 * c.riders)
        total += over * policy.fen_per_waiting_delivery // c.riders if c.riders else policy.fen_without_riders
    waited = 0
    for nth, (c, line) in enumerate(zip(way, ask.lines, strict=True)):
        policy = own[c.store_id]
        waited += c.arrive_s * policy.fen_per_promised_minute // 60
        total += policy.fen_for_last_pieces if c.left[nth] - line.quantity < policy.healthy_left else 0
        total -= policy.fen_for_expiring * min(c.expiring[nth], line.quantity)
    return total + waited // len(ask.lines)

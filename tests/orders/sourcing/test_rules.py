"""What headquarters writes is read as meant, or refused with the place that is wrong."""

import uuid
from typing import Any

import pytest

from o2o.orders.sourcing import rules
from o2o.orders.sourcing.policy import STANDARD
from tests.orders.sourcing.make import AREA, a_candidate, an_ask

OTHER = uuid.UUID(int=2)
DOCUMENT: dict[str, Any] = {
    "sort": ["promise", "score"],
    "sections": [
        {"set": {"most_backlog_s": 3_600, "fen_per_km": 50}},
        {"when": {"area_ids": [str(AREA)]}, "set": {"most_backlog_s": 1_800, "needs_riders": True}},
        {"when": {"method": "pickup"}, "set": {"fen_per_km": 0}},
        {
            "when": {"channel": "app", "method": "delivery"},
            "refuse": [
                {
                    "name": "far and small",
                    "if": [{"fact": "distance_m", "over": 3_000}, {"fact": "goods_fen", "under": 6_000}],
                }
            ],
        },
    ],
}


def test_later_sections_that_fit_override_earlier_ones() -> None:
    found = rules.read(DOCUMENT, version=3)
    here, _ = found.of(an_ask(), AREA)
    there, _ = found.of(an_ask(), OTHER)  # type: ignore[arg-type]
    fetched, _ = found.of(an_ask(delivery=False), None)
    assert (here.most_backlog_s, here.fen_per_km, here.needs_riders) == (1_800, 50, True)
    assert (there.most_backlog_s, there.fen_per_km, there.needs_riders) == (3_600, 50, False)
    assert (fetched.most_backlog_s, fetched.fen_per_km) == (3_600, 0)
    assert here.split_fen == STANDARD.split_fen
    assert (found.version, found.sort) == (3, ("promise", "score"))


def test_a_filter_refuses_where_all_its_conditions_hold() -> None:
    _, filters = rules.read(DOCUMENT, version=1).of(an_ask(), AREA)
    assert [one.name for one in filters] == ["far and small"]
    assert filters[0].refuses(a_candidate(distance_m=3_001), an_ask())
    assert not filters[0].refuses(a_candidate(distance_m=3_000), an_ask())
    assert not filters[0].refuses(a_candidate(distance_m=3_001), an_ask(("wine", 1, 6_000, 900), ("bread", 1, 0, 0)))


def test_a_fact_that_is_not_there_never_holds() -> None:
    condition = rules.Condition("window_s", "over", -1)
    assert not condition.holds(a_candidate(), an_ask())
    assert condition.holds(a_candidate(window_s=0), an_ask())


def test_nothing_said_is_the_house_as_it_is() -> None:
    assert rules.read({}, version=0) == rules.HOUSE


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "document"),
        ({"sorts": ["score"]}, "document.sorts"),
        ({"sort": ["beauty"]}, "sort"),
        ({"sort": []}, "sort"),
        ({"sort": ["score", "score"]}, "sort"),
        ({"sort": [["score"]]}, "sort"),
        ({"sections": [{"set": {"fen_per_mile": 1}}]}, "sections.0.set.fen_per_mile"),
        ({"sections": [{"set": {"fen_per_km": -1}}]}, "sections.0.set.fen_per_km"),
        ({"sections": [{"set": {"fen_per_km": 1.5}}]}, "sections.0.set.fen_per_km"),
        ({"sections": [{"set": {"fen_per_km": True}}]}, "sections.0.set.fen_per_km"),
        ({"sections": [{"set": {"fen_per_km": 10_000_001}}]}, "sections.0.set.fen_per_km"),
        ({"sections": [{"set": {"needs_riders": 1}}]}, "sections.0.set.needs_riders"),
        ({"sections": [{"set": {"most_shipments": 0}}]}, "sections.0.set.most_shipments"),
        ({"sections": [{"set": {"most_shipments": 6}}]}, "sections.0.set.most_shipments"),
        ({"sections": [{"when": {"area_ids": [str(AREA)]}, "set": {"split_fen": 1}}]}, "sections.0.set.split_fen"),
        ({"sections": [{"when": {"area_ids": ["x"]}}]}, "sections.0.when.area_ids"),
        ({"sections": [{"when": {"area_ids": []}}]}, "sections.0.when.area_ids"),
        ({"sections": [{"when": {"channel": "fax"}}]}, "sections.0.when.channel"),
        (
            {"sections": [{}, {"refuse": [{"name": "", "if": [{"fact": "lines", "over": 1}]}]}]},
            "sections.1.refuse.0.name",
        ),
        ({"sections": [{"refuse": [{"name": "all", "if": []}]}]}, "sections.0.refuse.0.if"),
        (
            {"sections": [{"refuse": [{"name": "a", "if": [{"fact": "mood", "over": 1}]}]}]},
            "sections.0.refuse.0.if.0.fact",
        ),
        (
            {"sections": [{"refuse": [{"name": "a", "if": [{"fact": "lines", "over": 1, "under": 3}]}]}]},
            "sections.0.refuse.0.if.0",
        ),
        (
            {"sections": [{"refuse": [{"name": "a", "if": [{"fact": "lines", "over": "1"}]}]}]},
            "sections.0.refuse.0.if.0.over",
        ),
        ({"sections": [{}] * 201}, "sections"),
        (
            {"sections": [{"refuse": [{"name": "a\ud800", "if": [{"fact": "lines", "over": 1}]}]}]},
            "sections.0.refuse.0.name",
        ),
        ({"a\ud800": 1}, "document.a\\ud800"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(document: Any, field: str) -> None:
    with pytest.raises(rules.BadRules) as refused:
        rules.read(document, version=1)
    assert refused.value.facts["field"] == field

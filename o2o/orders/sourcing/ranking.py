"""All candidates judged, the ways to do the order put in order, and the choice with its runner-up. Pure.

Stores that can take all of it come first. An order is shared between stores only when none can, or none before a later window.
"""

from collections.abc import Callable, Sequence
from dataclasses import field

from o2o.kit.ids import AreaId, StoreId
from o2o.kit.values import value
from o2o.orders.sourcing import scores, splitting
from o2o.orders.sourcing.facts import Ask, Candidate
from o2o.orders.sourcing.policy import SourcingPolicy
from o2o.orders.sourcing.rules import HOUSE, Filter, Rules
from o2o.orders.sourcing.splitting import Share, Site
from o2o.orders.sourcing.verdicts import SHAREABLE, Facts, Verdict, causes


@value(frozen=True, slots=True)
class Assessed:
    """One store's answer: a verdict with its facts, or a score with its terms."""

    candidate: Candidate
    verdict: Verdict | None
    facts: Facts = field(default_factory=dict)
    terms: dict[str, int] = field(default_factory=dict)

    @property
    def store_id(self) -> StoreId:
        """Whose answer it is."""
        return self.candidate.store_id

    @property
    def score_fen(self) -> int:
        """The sum of the terms; lower is better."""
        return sum(self.terms.values())


@value(frozen=True, slots=True)
class Way:
    """One way to do the whole order: its parts, each a candidate and the places of its lines in the basket."""

    parts: tuple[tuple[Candidate, tuple[int, ...]], ...]
    terms: dict[str, int]
    exact: bool = True

    @property
    def score_fen(self) -> int:
        """The sum of the terms; lower is better."""
        return sum(self.terms.values())

    @property
    def store_ids(self) -> tuple[StoreId, ...]:
        """Its stores, in the order of its parts."""
        return tuple(candidate.store_id for candidate, _ in self.parts)

    @property
    def fee_fen(self) -> int:
        """The one delivery fee."""
        return max(candidate.fee_fen for candidate, _ in self.parts)


@value(frozen=True, slots=True)
class Ranking:
    """All stores in the order given, each with its answer; and all ways to do the order, the best first."""

    assessed: tuple[Assessed, ...]
    ways: tuple[Way, ...]

    @property
    def choice(self) -> Way | None:
        """The best way, if there is any."""
        return self.ways[0] if self.ways else None

    @property
    def runner_up(self) -> Way | None:
        """The next best."""
        return self.ways[1] if len(self.ways) > 1 else None

    @property
    def difference_fen(self) -> int | None:
        """How much more the runner-up scores; below zero where headquarters sorts by something else first."""
        return self.ways[1].score_fen - self.ways[0].score_fen if len(self.ways) > 1 else None

    @property
    def willing(self) -> tuple[Assessed, ...]:
        """Stores that could take the whole basket, in the order given."""
        return tuple(one for one in self.assessed if one.verdict is None)

    @property
    def refused(self) -> tuple[Assessed, ...]:
        """Stores that could not."""
        return tuple(one for one in self.assessed if one.verdict is not None)


def rank(candidates: Sequence[Candidate], ask: Ask, rules: Rules = HOUSE) -> Ranking:
    """Judge every candidate and order the ways. Ties go to the smaller store id, so the same input always gives the same choice."""
    known: dict[AreaId | None, tuple[SourcingPolicy, tuple[Filter, ...]]] = {}
    for area_id in (None, *(candidate.area_id for candidate in candidates)):
        if area_id not in known:
            known[area_id] = rules.of(ask, area_id)
    assessed, sites = [], []
    for candidate in candidates:
        policy, filters = known[candidate.area_id]
        found = _causes(candidate, ask, policy, filters)
        if not found:
            assessed.append(Assessed(candidate, None, {}, scores.of_store(candidate, ask, policy)))
        else:
            assessed.append(Assessed(candidate, *found[0]))
        if {verdict for verdict, _ in found} <= SHAREABLE:
            sites.append(Site(candidate, policy))
    everything = tuple(range(len(ask.lines)))
    ways = [Way(((one.candidate, everything),), one.terms) for one in assessed if one.verdict is None]
    if (
        ask.delivery
        and ask.divisible
        and all(candidate.window_s is not None for way in ways for candidate, _ in way.parts)
    ):
        ways += _shared(sites, ask, known[None][0])
    return Ranking(tuple(assessed), tuple(sorted(ways, key=lambda way: _key(way, rules.sort))))


def _causes(
    candidate: Candidate, ask: Ask, policy: SourcingPolicy, filters: Sequence[Filter]
) -> list[tuple[Verdict, Facts]]:
    found = list(causes(candidate, ask, policy))
    found += [(Verdict.RULED_OUT, {"rule": one.name}) for one in filters if one.refuses(candidate, ask)]
    return found


def _shared(sites: Sequence[Site], ask: Ask, policy: SourcingPolicy) -> list[Way]:
    found = splitting.split(sites, ask, policy)
    if found is None:
        return []
    terms = splitting.terms(sites, found.shares, ask, policy)
    return [Way(tuple(_part(sites, share) for share in _soonest_first(sites, found.shares)), terms, found.exact)]


def _soonest_first(sites: Sequence[Site], shares: Sequence[Share]) -> list[Share]:
    return sorted(shares, key=lambda s: (sites[s.site].candidate.arrive_s, str(sites[s.site].candidate.store_id)))


def _part(sites: Sequence[Site], share: Share) -> tuple[Candidate, tuple[int, ...]]:
    return sites[share.site].candidate, share.lines


_MEASURES: dict[str, Callable[[Way], int]] = {
    "score": lambda way: way.score_fen,
    "promise": lambda way: max(candidate.arrive_s for candidate, _ in way.parts),
    "distance": lambda way: sum(candidate.distance_m for candidate, _ in way.parts),
    "backlog": lambda way: max(candidate.backlog_s for candidate, _ in way.parts),
    "fee": lambda way: way.fee_fen,
}


def _key(way: Way, sort: Sequence[str]) -> tuple[list[int], tuple[StoreId, ...]]:
    """What the ways are put in order by; the score settles what the asked measures leave equal, then the ids."""
    asked = sort if "score" in sort else (*sort, "score")
    return [_MEASURES[name](way) for name in asked], way.store_ids

"""What delivered orders teach about a place: how its stages run beside their plan, and how far past the plan nine of ten come.

A store's sums fade with each order, so that it is known as it is lately. What a store has seen too seldom leans on its city
(n orders count n / (n + worth), H. Bühlmann, ASTIN Bulletin 4, 1967) and the city on what we begin with.

The margin is not a formula of the spread. It is tracked: each order moves it, up where the order came later than the margin
allows, down a little where it did not, so that in the long run the wanted share comes in time whatever the errors look like
(I. Gibbs, E. Candès, Adaptive conformal inference under distribution shift, NeurIPS 2021; as quantile tracking in A. Angelopoulos,
E. Candès, R. Tibshirani, Conformal PID control, NeurIPS 2023). The city has a margin for calm, busy and crowded times each, so that
what a calm morning taught does not make noon late (groups of their own, V. Vovk et al., Mondrian confidence machine, 2003); the
store's margin is what it needs beyond that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import sqrt

from o2o.kit.values import value
from o2o.orders.promise.policy import STANDARD, PromisePolicy


class Stage(StrEnum):
    """The stages of an order carried to the door, one after the other."""

    QUEUE = "queue"
    PICK = "pick"
    RIDER = "rider"
    RIDE = "ride"
    DOOR = "door"


@value(frozen=True, slots=True)
class Pace:
    """Faded sums over a place's orders in one stage: seconds taken, seconds the load alone let expect, squared errors of the plan,
    and squared scales (what the errors are a share of)."""

    count: float = 0.0
    taken_s: float = 0.0
    expected_s: float = 0.0
    error2: float = 0.0
    scale2: float = 0.0

    def and_one(self, *, taken_s: float, expected_s: float, error_s: float, scale_s: float, fade: float) -> "Pace":
        """With one more order, the ones before faded."""
        return Pace(
            self.count * fade + 1,
            self.taken_s * fade + taken_s,
            self.expected_s * fade + expected_s,
            self.error2 * fade + error_s * error_s,
            self.scale2 * fade + scale_s * scale_s,
        )

    def leaning_on(self, other: "Pace", worth: float) -> "Pace":
        """As if `worth` more orders had gone as they usually do at `other`."""
        share = worth / other.count if other.count else 0.0
        return Pace(
            self.count + worth,
            self.taken_s + other.taken_s * share,
            self.expected_s + other.expected_s * share,
            self.error2 + other.error2 * share,
            self.scale2 + other.scale2 * share,
        )

    @property
    def factor(self) -> float:
        """Seconds taken for each second expected."""
        return self.taken_s / self.expected_s if self.expected_s else 1.0

    @property
    def share(self) -> float:
        """The usual error as a share of its scale."""
        return sqrt(self.error2 / self.scale2) if self.scale2 else 0.0


@dataclass(frozen=True, slots=True)
class Margin:
    """How many spreads past the expected arrival a promise is made, and from how many orders that comes."""

    spreads: float = 0.0
    count: int = 0

    def moved(self, late: bool, *, percentile: float, step: float) -> "Margin":
        """After one more order."""
        change = percentile if late else percentile - 1
        return Margin(self.spreads + step * change, self.count + 1)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one place, or of the whole city."""

    paces: Mapping[Stage, Pace] = field(default_factory=dict)
    margin: Margin = Margin()
    """A store's own; of the city only the count is of use."""
    crowds: Mapping[int, Margin] = field(default_factory=dict)
    """The city's, by how crowded it was (`crowd_of`)."""

    def pace(self, stage: Stage) -> Pace:
        """Of one stage."""
        return self.paces.get(stage, Pace())


@dataclass(frozen=True, slots=True)
class Paces:
    """A store and its city, put together: what a plan reads."""

    store: Known = Known()
    city: Known = Known()
    asked: dict[Stage, Pace] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was asked of it before by the standard policy: every quote asks the same of a store."""

    def pace(self, stage: Stage, policy: PromisePolicy = STANDARD) -> Pace:
        """The store's, leaning on the city's, which leans on what we begin with."""
        if policy is not STANDARD:
            return self._pace(stage, policy)
        found = self.asked.get(stage)
        if found is None:
            found = self.asked[stage] = self._pace(stage, policy)
        return found

    def _pace(self, stage: Stage, policy: PromisePolicy) -> Pace:
        usual = beginning(stage, policy)
        city = self.city.pace(stage).leaning_on(usual, policy.city_worth)
        return self.store.pace(stage).leaning_on(city, policy.store_worth)

    def margin(self, crowd: int = 0, policy: PromisePolicy = STANDARD) -> float:
        """In spreads, at a time so crowded; never below nothing."""
        city = self.city.crowds.get(crowd, Margin())
        return max(0.0, policy.first_margin + city.spreads + self.store.margin.spreads)


UNKNOWN = Paces()


def crowd_of(crowding: float, policy: PromisePolicy = STANDARD) -> int:
    """0 in calm times, 1 in busy ones, 2 in crowded ones."""
    return sum(crowding >= bound for bound in policy.crowds_from)


def beginning(stage: Stage, policy: PromisePolicy = STANDARD) -> Pace:
    """What is thought of a stage before anything was seen: one order, on time, with a careful spread."""
    usual_s = policy.usual_s[stage]
    return Pace(1.0, usual_s, usual_s, (policy.shares[stage] * usual_s) ** 2, usual_s**2)


@dataclass(frozen=True, slots=True)
class Seen:
    """One order beside its plan. By stage: seconds taken, seconds its load alone let expect, seconds planned, and the scale of errors.

    `over_s`: how much later than expected it came, less the half step that rounding gives away; None where nothing can be
    said about the whole (it was moved to another day, or sent again). `spread_s`: what its plan thought usual.
    """

    stages: Mapping[Stage, tuple[float, float, float, float]]
    over_s: float | None
    spread_s: float
    crowd: int = 0


def learn(paces: Paces, seen: Seen, policy: PromisePolicy = STANDARD) -> Paces:
    """The store and the city after one more order."""
    store, city = _paces(paces.store, seen, policy.fade), _paces(paces.city, seen, policy.city_fade)
    if seen.over_s is None or seen.spread_s <= 0:
        return Paces(store, city)
    score = min(max(seen.over_s / seen.spread_s, -policy.furthest), policy.furthest)
    then = city.crowds.get(seen.crowd, Margin())
    wide = policy.first_margin + then.spreads
    late_in_city, late_here = score > wide, score > wide + store.margin.spreads
    city_step = max(policy.city_step, policy.quick_step / (then.count + policy.quick_orders))
    store_step = max(policy.store_step, policy.quick_step / (store.margin.count + 4 * policy.quick_orders))
    p = policy.percentile
    return Paces(
        replace(store, margin=store.margin.moved(late_here, percentile=p, step=store_step)),
        replace(
            city,
            margin=Margin(0.0, city.margin.count + 1),
            crowds={**city.crowds, seen.crowd: then.moved(late_in_city, percentile=p, step=city_step)},
        ),
    )


def _paces(known: Known, seen: Seen, fade: float) -> Known:
    paces = dict(known.paces)
    for stage, (taken_s, expected_s, planned_s, scale_s) in seen.stages.items():
        paces[stage] = known.pace(stage).and_one(
            taken_s=taken_s, expected_s=expected_s, error_s=taken_s - planned_s, scale_s=scale_s, fade=fade
        )
    return replace(known, paces=paces)

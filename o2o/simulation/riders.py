"""Riders: come online, take offers or not, ride along real roads, hand over with the customer's code, at times find nobody home."""

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from o2o.dispatch.carrying import itinerary, proofs, stops, tracking, trips
from o2o.dispatch.carrying.itinerary import NextStop
from o2o.dispatch.rounds import snapshot
from o2o.dispatch.working import breaks, shifts
from o2o.geo.lonlat import LonLat
from o2o.geo.ride import Ride
from o2o.geo.travel import CITY_DAY
from o2o.infra.files import open_files
from o2o.kit import ids
from o2o.kit.errors import DomainError
from o2o.simulation.agenda import Act
from o2o.simulation.stage import Stage

LOOK_S = {True: 170, False: 5}
"""How often an idle rider looks at the phone when it has not buzzed: without an audience (before it counts as silent), and in a
living demo."""
TELL_S = {True: 60, False: 2}
"""How often a phone tells its place: in a day without an audience, and in a living demo where people watch."""


@dataclass(frozen=True, slots=True)
class Temper:
    """How often an offer is declined or let lapse, and a hand-over fails: nobody there, or refused (a customer, another store)."""

    declines: float = 0.03
    ignores: float = 0.004
    nobody_home: float = 0.008
    refused: float = 0.0
    transfer_refused: float = 0.0
    signs: float = 0.0
    """A customer without the code at hand signs."""


LIVING = Temper(declines=0.08, ignores=0.04, nobody_home=0.02, refused=0.02, transfer_refused=0.2, signs=0.1)
"""Where people watch, what is rare in a day is seen within an hour."""
TRY_AGAIN_S = 60
"""After the house has said no to coming online."""
SHELTER, SHELTER_S = 0.5, (240, 420)
"""How many riders stand in for a shower, and for how long."""
SIGNATURE = [[(120, 620), (260, 380), (330, 640), (470, 420)], [(520, 600), (640, 400), (700, 620), (860, 480)]]


@dataclass
class RiderPlayer:
    """One rider's day, an act at a time."""

    stage: Stage
    rider_id: uuid.UUID
    place: LonLat
    planned: Sequence[tuple[datetime, datetime]] = ()
    """When to be online, as planned; without any, from the beginning for good."""
    dice: random.Random = field(init=False)
    _asked: set[uuid.UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dice = self.stage.dice(f"rider:{self.rider_id}")
        self.temper = Temper() if self.stage.inline else LIVING
        self._until: datetime | None = None
        self._online = False

    def begin(self, *, first_after: float, shift_s: float) -> None:
        """Come online after a while, and from then on look at the phone."""
        self.stage.agenda.after(first_after, lambda: self._come_online(shift_s))

    def begin_as_planned(self) -> None:
        """Come online for the shift that runs, or wait for the next; somebody who was not planned any more stays at home."""
        now = self.stage.now
        for starts_at, ends_at in self.planned:
            if ends_at > now:
                wait_s = max(0.0, (starts_at - now).total_seconds()) + self.dice.uniform(0, 8)
                self._until = ends_at
                self.begin(first_after=wait_s, shift_s=(ends_at - now).total_seconds() - wait_s)
                return

    def shelter(self) -> None:
        """It pours: many riders take a break now, or after the trip they are on, and come back when it is over."""
        if self._online and self.dice.random() < SHELTER:
            now = self.stage.now
            self.stage.act(lambda db: breaks.ask(db, rider_id=self.rider_id, now=now))
            self.stage.agenda.after(self.dice.uniform(*SHELTER_S), self._come_out)

    def _come_out(self) -> None:
        now = self.stage.now
        if self._online:
            self.stage.act(lambda db: breaks.come_back(db, rider_id=self.rider_id, now=now))

    def _go_home(self) -> None:
        """Offline until the next shift; with a trip offered at that very moment, after it."""
        now = self.stage.now
        if not self._may(lambda db: shifts.go_offline(db, rider_id=self.rider_id, now=now)):
            self._later(1, self._look)
            return
        self._until, self._online = None, False
        self.stage.agenda.after(60, self.begin_as_planned)

    def _come_online(self, shift_s: float) -> None:
        now = self.stage.now
        until = self._until or now + timedelta(seconds=shift_s)
        online = self._may(
            lambda db: shifts.go_online(db, rider_id=self.rider_id, position=self.place, now=now, until=until)
        )
        if not online:  # nobody knows him here; he asks again while his shift lasts
            if now < until:
                self._later(TRY_AGAIN_S, lambda: self._come_online(max(0.0, shift_s - TRY_AGAIN_S)))
            return
        self._online = True
        self._look()

    def _look(self) -> None:
        """Tell the place and see what the phone says."""
        trip = self._tell()
        if trip is None and self._until is not None and self.stage.now >= self._until:
            self._go_home()
        elif trip is None:
            self._rest()
        elif trip.state == trips.ACCEPTED and trip.next_stop is not None:
            self._set_out(trip.next_stop)
        elif trip.trip_id in self._asked:
            self._rest()
        else:
            self._asked.add(trip.trip_id)
            self._answer(trip.trip_id)

    def _rest(self) -> None:
        self.stage.sleep(f"rider:{self.rider_id}", 0, LOOK_S[self.stage.inline], self._look)

    def _answer(self, trip_id: uuid.UUID) -> None:
        luck = self.dice.random()
        wait_s = self.dice.uniform(3, 15)
        if luck < self.temper.ignores:
            self.stage.counts["offers ignored"] += 1
            self._later(trips.OFFER_S + 20, self._look)
        elif luck < self.temper.ignores + self.temper.declines:
            self.stage.counts["offers declined"] += 1
            self._later(wait_s, lambda: self._decline(trip_id))
        else:
            self._later(wait_s, lambda: self._accept(trip_id))

    def _decline(self, trip_id: uuid.UUID) -> None:
        now = self.stage.now
        self.stage.act(lambda db: trips.decline(db, trip_id=trip_id, rider_id=self.rider_id, reason="other", now=now))
        self._look()

    def _accept(self, trip_id: uuid.UUID) -> None:
        now = self.stage.now
        self.stage.act(lambda db: trips.accept(db, trip_id=trip_id, rider_id=self.rider_id, now=now))
        self._look()

    def _set_out(self, stop: NextStop) -> None:
        ride = self.stage.tools.roads.route(self.place, stop.place)
        self.stage.counts["ridden_m"] += ride.distance_m
        self._ride(ride.slowed(CITY_DAY.factor(self.stage.now) * self.dice.uniform(0.88, 1.15)), 0.0, stop)

    def _ride(self, ride: Ride, gone_s: float, stop: NextStop) -> None:
        """Along the road, telling the place on the way; a stop taken off the trip meanwhile is left."""
        step_s = min(ride.travel_s - gone_s, TELL_S[self.stage.inline])
        if step_s <= 0:
            self._arrive(stop)
            return

        def on() -> None:
            self.place = ride.position_at(gone_s + step_s)
            if _comes_next(self._tell(), stop):
                self._ride(ride, gone_s + step_s, stop)
            else:
                self._look()

        self._later(step_s, on)

    def _arrive(self, stop: NextStop) -> None:
        now = self.stage.now
        self.place = stop.place
        self._tell()
        self.stage.act(lambda db: stops.arrive(db, stop_id=stop.stop_id, rider_id=self.rider_id, at=now, now=now))
        usual_s = snapshot.AT_DOOR_S if stop.kind == "dropoff" else snapshot.AT_STORE_S
        self._later(usual_s * self.dice.uniform(0.6, 1.3), lambda: self._do(stop))

    def _do(self, stop: NextStop) -> None:
        """What the stop is for, as soon as it can be done."""
        found = _comes_next(self._tell(), stop)
        if found is None:
            self._look()
        elif stop.kind == "pickup" and not found.goods_ready:
            self.stage.counts["waited_at_store_s"] += 15
            self._later(15, lambda: self._do(stop))
        else:
            self._finish(found)
            self._look()

    def _finish(self, stop: NextStop) -> None:
        now, stop_id, rider_id = self.stage.now, stop.stop_id, self.rider_id
        reason = self._why_not(stop)
        if reason:
            self.stage.counts["nobody home" if reason == "no_contact" else "refused at the door"] += 1
            self.stage.act(
                lambda db: stops.fail(db, stop_id=stop_id, rider_id=rider_id, reason=reason, at=now, now=now)
            )
            return
        code, signature = self._proof(stop)
        self.stage.act(
            lambda db: stops.complete(
                db, stop_id=stop_id, rider_id=rider_id, at=now, now=now, code=code, signature=signature
            )
        )

    def _why_not(self, stop: NextStop) -> str:
        """Why a hand-over fails, "" when it does not."""
        if stop.kind != "dropoff" or stop.delivery_kind == "return":
            return ""
        luck, temper = self.dice.random(), self.temper
        if stop.delivery_kind == "transfer":
            return "refused" if luck < temper.transfer_refused else ""
        if luck < temper.nobody_home:
            return "no_contact"
        return "refused" if luck < temper.nobody_home + temper.refused else ""

    def _proof(self, stop: NextStop) -> tuple[str, str]:
        """The customer's code; or from one who has it not at hand, a signature, which is sent before, by its id."""
        to_customer = stop.kind == "dropoff" and stop.delivery_kind == "delivery"
        if not to_customer or not self.temper.signs or self.dice.random() >= self.temper.signs:
            return stop.code, ""
        proof_id, now, files = ids.new_id(), self.stage.now, open_files(self.stage.tools.settings)
        named: dict[str, Any] = {"proof_id": proof_id, "stop_id": stop.stop_id, "rider_id": self.rider_id, "now": now}
        self.stage.act(lambda db: proofs.keep_signature(db, files, strokes=SIGNATURE, **named))
        return "", str(proof_id)

    def _tell(self) -> itinerary.Itinerary | None:
        """The phone says where it is, and hears in the same breath how the trip stands."""
        now, place, valkey = self.stage.now, self.place, self.stage.tools.valkey

        def say(db: Session) -> itinerary.Itinerary | None:
            tracking.record_position(db, valkey, rider_id=self.rider_id, place=place, at=now, now=now)
            return itinerary.of_rider(db, rider_id=self.rider_id)

        return self.stage.act(say)

    def _may(self, do: Callable[[Session], None]) -> bool:
        """Do it; was it let?"""
        refusals: list[DomainError] = []
        self.stage.act(do, refused=refusals.append)
        return not refusals

    def _later(self, seconds: float, act: Act) -> None:
        self.stage.agenda.after(seconds, act)


def _comes_next(trip: itinerary.Itinerary | None, stop: NextStop) -> NextStop | None:
    """The stop as it is now, while it is still the next one."""
    found = trip.next_stop if trip is not None else None
    return found if found is not None and found.stop_id == stop.stop_id else None

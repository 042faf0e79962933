"""The factories and trucks between two rounds: rides that cannot be diverted, docks that are queued for.

A truck leaves as soon as it is free. Docks serve in order of arrival; a visit takes the approach and the work of all
stops the truck has planned there by then. Every rule broken on the way is written down.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from bench.dpdp_day import Day
from o2o.dispatch.planning.problem import Action, Job, RiderState, Stop


@dataclass(slots=True)
class Wheel:
    """One truck: its place or where it is heading, the goods in it, and what it has yet to do."""

    place: int
    free_s: int = 0
    arrive_s: int | None = None
    aboard: list[str] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)


@dataclass(slots=True)
class Yard:
    """All trucks and docks, what is delivered when, and what went wrong."""

    day: Day
    jobs: dict[str, Job]
    wheels: dict[str, Wheel]
    ports: list[list[int]]
    delivered: dict[str, int] = field(default_factory=dict)
    metres: int = 0
    breaches: list[str] = field(default_factory=list)

    @staticmethod
    def opened(day: Day) -> Yard:
        """The yard before the first order."""
        wheels = {truck.id: Wheel(truck.place) for truck in day.trucks}
        return Yard(day, {job.id: job for job in day.jobs}, wheels, [[0] * max(1, n) for n in day.docks])

    def door(self, stop: Stop) -> int:
        """Where a stop is."""
        job = self.jobs[stop.job_id]
        return job.pickup if stop.action is Action.PICKUP else job.dropoff

    def depart(self, now: int) -> None:
        """Every free truck with something to do sets out."""
        for name, wheel in self.wheels.items():
            if wheel.arrive_s is None and wheel.stops and wheel.free_s <= now:
                self._leave(name, now)

    def advance(self, until: int) -> None:
        """Let everything happen that happens before `until`."""
        events = [(w.arrive_s, name) for name, w in self.wheels.items() if w.arrive_s is not None]
        events += [(w.free_s, name) for name, w in self.wheels.items() if w.arrive_s is None and w.stops]
        heapq.heapify(events)
        while events and events[0][0] < until:
            at, name = heapq.heappop(events)
            wheel = self.wheels[name]
            if wheel.arrive_s is None:
                self._leave(name, at)
            else:
                self._visit(name, at)
            if wheel.arrive_s is not None or wheel.stops:
                heapq.heappush(events, (wheel.arrive_s if wheel.arrive_s is not None else wheel.free_s, name))

    def _leave(self, name: str, now: int) -> None:
        wheel = self.wheels[name]
        there, start = self.door(wheel.stops[0]), max(now, wheel.free_s)
        ride = int(self.day.travel.seconds[0, wheel.place, there])
        if ride < 0:
            self.breaches.append(f"{name} rides where there is no way")
        self.metres += int(self.day.travel.metres[0, wheel.place, there])
        wheel.place, wheel.arrive_s = there, start + max(0, ride)

    def _visit(self, name: str, now: int) -> None:
        """Wait for a dock, then do every stop planned here, in order."""
        wheel = self.wheels[name]
        port = heapq.heappop(self.ports[wheel.place])
        clock = max(now, port) + self.day.places[wheel.place].access_s
        while wheel.stops and self.door(wheel.stops[0]) == wheel.place:
            clock = self._work(name, wheel, wheel.stops.pop(0), clock)
        heapq.heappush(self.ports[wheel.place], clock)
        wheel.free_s, wheel.arrive_s = clock, None

    def _work(self, name: str, wheel: Wheel, stop: Stop, clock: int) -> int:
        job = self.jobs[stop.job_id]
        if stop.action is Action.PICKUP:
            wheel.aboard.append(job.id)
            load = sum(self.jobs[one].volume_ml for one in wheel.aboard)
            if load > next(t.capacity for t in self.day.trucks if t.id == name):
                self.breaches.append(f"{name} overloaded with {job.id}")
            if clock < job.placed_s:
                self.breaches.append(f"{job.id} loaded before it existed")
            return clock + job.pickup_service_s
        if not wheel.aboard or wheel.aboard.pop() != job.id:
            self.breaches.append(f"{name} unloads {job.id} against last in, first out")
        self.delivered[job.id] = clock + job.dropoff_service_s
        return clock + job.dropoff_service_s

    def riders(self, now: int) -> tuple[RiderState, ...]:
        """The trucks as the planner sees them: what is ahead on the road is frozen."""
        out = []
        for truck in self.day.trucks:
            wheel = self.wheels[truck.id]
            frozen = 0
            while wheel.arrive_s is not None and frozen < len(wheel.stops):
                if self.door(wheel.stops[frozen]) != wheel.place:
                    break
                frozen += 1
            free = wheel.arrive_s if wheel.arrive_s is not None else wheel.free_s
            out.append(
                RiderState(
                    truck.id,
                    wheel.place,
                    max(now, free),
                    capacity_ml=truck.capacity,
                    max_jobs=10_000,
                    stops=tuple(wheel.stops),
                    carrying=tuple(wheel.aboard),
                    frozen=frozen,
                    lifo=True,
                )
            )
        return tuple(out)

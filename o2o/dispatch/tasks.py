"""Dispatch's duties: a round for each area, learning from what was ridden, and dropping what is old."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from o2o.dispatch.carrying import proofs, tracking
from o2o.dispatch.couriers import fallback
from o2o.dispatch.couriers.sandbox import SandboxCourier
from o2o.dispatch.models import CourierJob, Delivery, Rider, Tour, Trip
from o2o.dispatch.paces import learning
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.rounds import one_round
from o2o.dispatch.tours import timetable, touring
from o2o.infra.db import transaction
from o2o.infra.files import open_files
from o2o.infra.tools import Tools


def areas_with_work(tools: Tools) -> Sequence[str]:
    """Areas with a delivery that has not ended; each is planned apart."""
    with transaction(tools.engine) as db:
        open_now = select(Delivery.area_id).where(Delivery.ended_at.is_(None)).distinct()
        return sorted(
            str(area) for area in db.scalars(open_now.union(select(Trip.area_id).where(Trip.state == "offered")))
        )


def run_round(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: plan the area `key`."""
    one_round.run(tools, area_id=uuid.UUID(key), now=now, policy=_patient(tools, DispatchPolicy()))


def _patient(tools: Tools, policy: DispatchPolicy) -> DispatchPolicy:
    """The policy, without its wall clock where days must repeat."""
    return replace(policy, emergency_factor=10_000) if tools.settings.patient else policy


def areas_with_couriers(tools: Tools) -> Sequence[str]:
    """Areas with work, and those where a courier of another house still has a job; none when no courier is set."""
    if tools.settings.courier == "none":
        return []
    with transaction(tools.engine) as db:
        open_now = select(Delivery.area_id).where(Delivery.ended_at.is_(None))
        called = select(CourierJob.area_id).where(CourierJob.ended_at.is_(None))
        return sorted(str(area) for area in db.scalars(open_now.union(called)))


def call_couriers(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: in the area `key`, hand to another house's courier what would be late, and follow what he carries."""
    if tools.settings.courier == "sandbox":
        fallback.run(tools, SandboxCourier(), area_id=uuid.UUID(key), now=now)


def forget(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: drop old rounds, tracks and proofs."""
    with transaction(tools.engine) as db:
        one_round.forget(db, now=now)
        tracking.forget_tracks(db, now=now)
        proofs.forget(db, open_files(tools.settings), now=now)


def areas_with_booked(tools: Tools) -> Sequence[str]:
    """Areas where something waits for a window later on, or a tour to set out."""
    with transaction(tools.engine) as db:
        booked = select(Delivery.area_id).where(
            Delivery.booked, Delivery.state == "waiting", Delivery.ended_at.is_(None)
        )
        planned = select(Tour.area_id).where(Tour.state == "planned")
        return sorted(str(area) for area in db.scalars(booked.union(planned)))


def plan_tours(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: plan the tours of the area `key` ahead, and give out those whose time has come."""
    timetable.run(tools, area_id=uuid.UUID(key), now=now, policy=_patient(tools, touring.POLICY))


def areas_with_riders(tools: Tools) -> Sequence[str]:
    """Areas somebody rides in."""
    with transaction(tools.engine) as db:
        return sorted(str(area) for area in db.scalars(select(Rider.area_id).distinct()))


def learn(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: learn from what riders of the area `key` did; the map is asked with no transaction open."""
    area_id = uuid.UUID(key)
    with transaction(tools.engine) as db:
        legs = learning.unmeasured(db, area_id=area_id, now=now)
    measured = learning.measure(tools.roads, legs)
    with transaction(tools.engine) as db:
        learning.note(db, measured)
        learning.learn(db, area_id=area_id, now=now)

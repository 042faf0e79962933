"""Riders, shifts, deliveries, trips with their stops, tours, refusals, rounds as planned, proofs, incidents, tracks, paces."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, BigInt, Id


class Rider(Base):
    """Somebody who carries. `id` is the account's. The place is the last one told at an act; live ones are in Valkey."""

    __tablename__ = "riders"

    id: Mapped[Id]
    name: Mapped[str]
    area_id: Mapped[uuid.UUID] = mapped_column(index=True)
    vehicle: Mapped[str]
    capacity_g: Mapped[int]
    max_jobs: Mapped[int]
    capacity_ml: Mapped[int] = mapped_column(server_default=text("62000"))
    insulated_boxes: Mapped[int] = mapped_column(server_default=text("4"))
    """Deliveries with something cold on board at once."""
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{age_check}'"))
    zone: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Where this rider may ride to, as GeoJSON; None: anywhere."""
    state: Mapped[str]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    placed_at: Mapped[datetime | None]
    """When he was at that place, by his phone; an older word does not move him."""
    seen_at: Mapped[datetime | None]
    break_wanted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    version: Mapped[int] = mapped_column(default=0)


class Shift(Base):
    """When a rider was online, and until when planned."""

    __tablename__ = "shifts"

    id: Mapped[Id]
    rider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("riders.id"))
    started_at: Mapped[datetime]
    planned_end_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_shifts_open", "rider_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_shifts_rider", "rider_id", "started_at"),
    )


class Trip(Base):
    """A rider's sequence of stops. A rider has at most one that lives."""

    __tablename__ = "trips"

    id: Mapped[Id]
    rider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("riders.id"))
    area_id: Mapped[uuid.UUID]
    round_id: Mapped[uuid.UUID | None]
    state: Mapped[str]
    offered_at: Mapped[datetime]
    offer_expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    distance_m: Mapped[int] = mapped_column(default=0)
    earnings_fen: Mapped[BigInt] = mapped_column(default=0)
    locked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    version: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("uq_trips_live", "rider_id", unique=True, postgresql_where=text("state IN ('offered', 'accepted')")),
        Index("ix_trips_area", "area_id", "offered_at"),
        Index("ix_trips_rider", "rider_id", "ended_at"),
    )


class Tour(Base):
    """A sequence of stops planned ahead for booked windows; it becomes a trip when its time comes. Planned anew until then."""

    __tablename__ = "tours"

    id: Mapped[Id]
    area_id: Mapped[uuid.UUID]
    rider_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("riders.id"))
    """Whose it is thought to be; None: whoever is free then."""
    trip_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("trips.id"))
    state: Mapped[str]
    depart_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    distance_m: Mapped[int]
    weight_g: Mapped[int]
    most_aboard: Mapped[int]
    stops: Mapped[list[Any]]
    """In order: delivery_id, kind, at (ISO)."""
    planned_from: Mapped[str]
    """Digest of what the plan was made of; the same again is not planned again."""
    planned_at: Mapped[datetime]

    __table_args__ = (Index("ix_tours_planned", "area_id", "depart_at", postgresql_where=text("state = 'planned'")),)


class Delivery(Base):
    """The carrying of one shipment. `version` moves with every change, so a plan made before it is not applied.

    `kind`: `delivery` from a store to a customer; `return` from a customer to a store (`shipment_id` is the return's id);
    `transfer` from a store to another (`order_id` and `shipment_id` are the transfer's id). `store_id` is the store that
    waits for the goods or sends them; of a transfer the one that sends, `to_store_id` the one that gets.
    """

    __tablename__ = "deliveries"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(default="delivery", server_default="delivery")
    order_id: Mapped[uuid.UUID] = mapped_column(index=True)
    shipment_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    order_no: Mapped[str]
    store_id: Mapped[uuid.UUID]
    to_store_id: Mapped[uuid.UUID | None]
    area_id: Mapped[uuid.UUID]
    pickup_lon: Mapped[float]
    pickup_lat: Mapped[float]
    dropoff_lon: Mapped[float]
    dropoff_lat: Mapped[float]
    address: Mapped[str]
    weight_g: Mapped[int]
    volume_ml: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    insulated: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Something in it must stay cold."""
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    """What its rider must be able to do."""
    requested_at: Mapped[datetime]
    ready_at: Mapped[datetime]
    goods_ready_at: Mapped[datetime | None]
    due_from: Mapped[datetime]
    due_at: Mapped[datetime]
    booked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """The window was agreed on for later: not before `due_from`, and planned ahead in tours."""
    hold_until: Mapped[datetime | None]
    only_for: Mapped[uuid.UUID | None]
    again_from: Mapped[datetime | None]
    again_at: Mapped[datetime | None]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    code: Mapped[str]
    wrong_codes: Mapped[int] = mapped_column(default=0)
    rider_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("riders.id"))
    trip_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("trips.id"))
    tour_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tours.id"))
    round_id: Mapped[uuid.UUID | None]
    """The round that gave it to its rider; None where a person did, or a tour."""
    cost_fen: Mapped[BigInt] = mapped_column(default=0, server_default=text("0"))
    """What carrying it cost: a courier's fee, or its share of the rider's trip."""
    picked_up_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("ix_deliveries_open", "area_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_deliveries_asked", "area_id", "requested_at"),
        CheckConstraint(
            "(state IN ('assigned', 'picked_up')) <= (rider_id IS NOT NULL AND trip_id IS NOT NULL)", name="carried"
        ),
    )


class Stop(Base):
    """One halt of a trip for one delivery: `pickup`, `dropoff`, or `return` to the store."""

    __tablename__ = "stops"

    id: Mapped[Id]
    trip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("trips.id"))
    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deliveries.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    lon: Mapped[float]
    lat: Mapped[float]
    state: Mapped[str]
    eta_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    free_road_s: Mapped[int | None]
    """How long the ride here from the stop before takes on free roads; measured afterwards, to learn from."""
    proof: Mapped[dict[str, Any]]

    __table_args__ = (
        # What was skipped or failed may come to the same trip again; it is open there once.
        Index(
            "uq_stops_open",
            "trip_id",
            "delivery_id",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('pending', 'arrived')"),
        ),
    )


class Refusal(Base):
    """A rider who said no to a delivery, or did not answer, is not asked again for it."""

    __tablename__ = "delivery_refusals"

    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    rider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("riders.id"), primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]


class RoundRecord(Base):
    """A round as it was: the problem and the plan, byte for byte, so that it can be asked why and played again."""

    __tablename__ = "rounds"

    id: Mapped[Id]
    area_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    seed: Mapped[int]
    jobs: Mapped[int]
    riders: Mapped[int]
    given: Mapped[int]
    dropped: Mapped[int]
    deferred: Mapped[list[Any]]
    intended: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    """What is meant for whom and not given out yet: delivery_id, rider_id, when it would be picked up and at the door (seconds)."""
    policy: Mapped[dict[str, Any]]
    problem: Mapped[bytes] = mapped_column(BYTEA, deferred=True)
    plan: Mapped[bytes] = mapped_column(BYTEA, deferred=True)
    digest: Mapped[str]
    breaches: Mapped[list[Any]]
    took_ms: Mapped[int]

    __table_args__ = (Index("ix_rounds_area", "area_id", "at"),)


class Incident(Base):
    """Something went wrong on the way. A record of its own; by itself it fails nothing."""

    __tablename__ = "incidents"

    id: Mapped[Id]
    area_id: Mapped[uuid.UUID]
    rider_id: Mapped[uuid.UUID]
    delivery_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    note: Mapped[str]
    state: Mapped[str]
    reported_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_incidents_open", "area_id", postgresql_where=text("state = 'open'")),)


class HandAction(Base):
    """What a dispatcher did by hand: the acts as asked, what they touched before and after, and whether it was undone."""

    __tablename__ = "hand_actions"

    id: Mapped[Id]
    area_id: Mapped[uuid.UUID]
    actor_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    acts: Mapped[list[Any]]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[uuid.UUID | None]

    __table_args__ = (Index("ix_hand_actions_area", "area_id", "at"),)


class PlannedShift(Base):
    """When a rider is expected; coming online then takes its end."""

    __tablename__ = "planned_shifts"

    id: Mapped[Id]
    rider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("riders.id"))
    area_id: Mapped[uuid.UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    planned_by: Mapped[uuid.UUID]
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_planned_shifts_area", "area_id", "starts_at", postgresql_where=text("cancelled_at IS NULL")),
        Index("ix_planned_shifts_rider", "rider_id", "starts_at", postgresql_where=text("cancelled_at IS NULL")),
        CheckConstraint("starts_at < ends_at", name="order"),
    )


class WantedRiders(Base):
    """How many riders an area should have in one half hour."""

    __tablename__ = "wanted_riders"

    area_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    riders: Mapped[int]

    __table_args__ = (CheckConstraint("riders >= 0", name="riders"),)


class CourierJob(Base):
    """A delivery handed to a courier of another house; its id is the reference he is called with."""

    __tablename__ = "courier_jobs"

    id: Mapped[Id]
    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deliveries.id"))
    area_id: Mapped[uuid.UUID]
    courier: Mapped[str]
    reason: Mapped[str] = mapped_column(default="", server_default=text("''"))
    """Why the last round before he was asked had no rider for it."""
    ref: Mapped[str]
    state: Mapped[str]
    fee_fen: Mapped[BigInt]
    asked_at: Mapped[datetime]
    pickup_at: Mapped[datetime | None]
    deliver_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_courier_jobs_open", "delivery_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_courier_jobs_area", "area_id", postgresql_where=text("ended_at IS NULL")),
    )


class TrackPoint(Base):
    """Where a rider was, once a minute; kept for days."""

    __tablename__ = "rider_tracks"

    rider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    lon: Mapped[float]
    lat: Mapped[float]


class Proof(Base):
    """A photo or a signature taken at a stop; the phone names it, the bytes lie in the file store under that name."""

    __tablename__ = "delivery_proofs"

    id: Mapped[Id]
    stop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stops.id"), index=True)
    kind: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    received_at: Mapped[datetime]


class Pace(Base):
    """What was learned of how long something takes, from what was seen of it in the last weeks.

    `kind` `counter` (key: the store) and `door` (key: the building) in seconds, `ride` (key: the hour of the local day) as
    a ratio to the ride foretold. Key "" is the area's own: what everything of the kind there leans on.
    """

    __tablename__ = "paces"

    area_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    mean: Mapped[float]
    spread: Mapped[float]
    learned_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("count >= 0 AND mean > 0 AND spread >= 0", name="sane"),)

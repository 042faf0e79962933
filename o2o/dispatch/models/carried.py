"""What is carried: deliveries, trips with their stops, tours, refusals, proofs, jobs of other houses."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, BigInt, Id


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


class Refusal(Base):
    """A rider who said no to a delivery, or did not answer, is not asked again for it."""

    __tablename__ = "delivery_refusals"

    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    rider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("riders.id"), primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]


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

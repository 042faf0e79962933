"""Builders for dispatch: an area with a store, riders online, deliveries asked for."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import httpx
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from o2o.dispatch import riders
from o2o.dispatch.carrying import deliveries, trips
from o2o.dispatch.carrying.deliveries import PLAIN, Load
from o2o.dispatch.models import Delivery, Rider, Stop, Trip
from o2o.dispatch.planning.policy import DispatchPolicy
from o2o.dispatch.rounds import one_round
from o2o.dispatch.working import shifts
from o2o.geo.lonlat import LonLat
from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.kit.ids import AreaId
from o2o.kit.principal import Role
from o2o.stores import places
from tests.conftest import Database
from tests.hands import Clock
from tests.identity.make import a_member_of_staff, signed_in
from tests.stores.make import a_store

STORE = LonLat(116.3200, 39.9900)


@dataclass
class Town:
    """One area with one store; the verbs of a test."""

    database: Database
    tools: Tools
    clock: Clock
    area_id: uuid.UUID
    store_id: uuid.UUID

    def a_rider(self, *, east_m: float = 100, rider_id: uuid.UUID | None = None) -> uuid.UUID:
        """A rider online, so far east of the store."""
        rider_id = rider_id or ids.new_id()
        with self.database.sessions() as db:
            riders.enrol(db, rider_id=rider_id, name=f"骑手{east_m:.0f}", area_id=self.area_id, now=self.clock())
            place = LonLat(STORE.lon + east_m / 85_000, STORE.lat)
            shifts.go_online(db, rider_id=rider_id, position=place, now=self.clock())
        return rider_id

    def seen(self) -> None:
        """Every phone has just spoken."""
        with self.database.sessions() as db:
            db.execute(update(Rider).values(seen_at=self.clock()))

    def a_delivery(
        self, *, north_m: float = 800, packed: bool = True, minutes: int = 40, load: Load = PLAIN
    ) -> uuid.UUID:
        """A delivery to a door so far north, promised in `minutes`; returns its order."""
        order_id, shipment_id = ids.new_id(), ids.new_id()
        with self.database.sessions() as db:
            deliveries.request(
                db,
                delivery_id=ids.new_id(),
                order_id=order_id,
                shipment_id=shipment_id,
                order_no="A1",
                store_id=self.store_id,
                area_id=self.area_id,
                pickup=STORE,
                dropoff=LonLat(STORE.lon, STORE.lat + north_m / 111_000),
                address="中关村大街 1 号",
                ready_at=self.clock() + timedelta(minutes=5),
                due_from=self.clock() + timedelta(minutes=minutes - 10),
                due_at=self.clock() + timedelta(minutes=minutes),
                weight_g=3_000,
                load=load,
                now=self.clock(),
            )
            if packed:
                deliveries.mark_ready(db, shipment_id=shipment_id, now=self.clock())
        return order_id

    def on_the_map(self) -> None:
        """The area and its store are known to the ground, as screens need them."""
        with self.database.sessions() as db:
            places.save_area(db, area_id=AreaId(self.area_id), name="中关村")
            self.store_id = a_store(db, now=self.clock(), at=STORE, area_id=AreaId(self.area_id))

    def round(self) -> one_round.Outcome | None:
        """Plan the area once."""
        return one_round.run(self.tools, area_id=self.area_id, now=self.clock(), policy=DispatchPolicy())

    def delivery(self, order_id: uuid.UUID) -> Delivery:
        """The delivery of an order as it is."""
        with self.database.sessions() as db:
            return db.scalars(select(Delivery).where(Delivery.order_id == order_id)).one()

    def trip_of(self, order_id: uuid.UUID) -> Trip:
        """The trip that carries an order."""
        with self.database.sessions() as db:
            trip_id = self.delivery(order_id).trip_id
            return db.get_one(Trip, trip_id)

    def open_stops(self, trip_id: uuid.UUID) -> list[Stop]:
        """What is left of a trip, in order."""
        with self.database.sessions() as db:
            left = select(Stop).where(Stop.trip_id == trip_id, Stop.state.in_(trips.OPEN_STOP))
            return list(db.scalars(left.order_by(Stop.position)))

    def accepted(self, order_id: uuid.UUID) -> Trip:
        """The order's trip after a round, accepted by its rider."""
        self.round()
        trip = self.trip_of(order_id)
        with self.database.sessions() as db:
            trips.accept(db, trip_id=trip.id, rider_id=trip.rider_id, now=self.clock())
        return trip


class Desk:
    """Calls over HTTP: by the area's dispatcher, another area's (`stranger`), head office, and riders by their id."""

    def __init__(self, client: TestClient, town: Town) -> None:
        self.client, self.town = client, town
        self._headers: dict[object, dict[str, str]] = {}
        self._accounts: dict[str, uuid.UUID] = {}
        with town.database.sessions() as db:
            for name, role, area_id in (
                ("dispatcher", Role.DISPATCHER, town.area_id),
                ("stranger", Role.DISPATCHER, ids.new_id()),
                ("hq", Role.HQ, None),
            ):
                areas = [AreaId(area_id)] if area_id else []
                account_id = self._accounts[name] = a_member_of_staff(db, role, now=town.clock(), area_ids=areas)
                self._headers[name] = signed_in(db, account_id, now=town.clock())

    def a_rider(self, *, east_m: float = 100) -> uuid.UUID:
        """A rider online who can call."""
        with self.town.database.sessions() as db:
            account_id = a_member_of_staff(db, Role.RIDER, now=self.town.clock(), area_ids=[AreaId(self.town.area_id)])
            self._headers[account_id] = signed_in(db, account_id, now=self.town.clock())
        return self.town.a_rider(east_m=east_m, rider_id=account_id)

    def sign_in(self, account_id: uuid.UUID) -> None:
        """A new token, for one who has been away for hours."""
        with self.town.database.sessions() as db:
            self._headers[account_id] = signed_in(db, account_id, now=self.town.clock())

    def again(self, name: str) -> None:
        """A new token for a dispatcher or head office, hours later."""
        with self.town.database.sessions() as db:
            self._headers[name] = signed_in(db, self._accounts[name], now=self.town.clock())

    def headers(self, who: object) -> dict[str, str]:
        """A caller's Authorization header."""
        return self._headers[who]

    def get(self, path: str, who: object = "dispatcher", **query: object) -> httpx.Response:
        """GET /api + path."""
        return self.client.get("/api" + path, params=query, headers=self._headers[who])

    def patch(self, path: str, body: object, who: object = "dispatcher") -> httpx.Response:
        """PATCH /api + path."""
        return self.client.patch("/api" + path, json=body, headers=self._headers[who])

    def post(
        self, path: str, body: object = None, who: object = "dispatcher", key: str | None = None
    ) -> httpx.Response:
        """POST /api + path, with a key of its own unless told."""
        headers = {**self._headers[who], "Idempotency-Key": key or str(ids.new_id())}
        return self.client.post("/api" + path, json=body, headers=headers)

"""A small town for journeys: everything a person does goes over HTTP, everything the house does by itself through the worker."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.dispatch import riders
from o2o.inventory.shelf import receiving
from o2o.kit import ids
from o2o.kit.ids import StoreId
from o2o.kit.principal import Role
from tests.catalogue.make import a_product, a_weighed_product
from tests.conftest import Database
from tests.hands import Clock, Worker
from tests.identity.make import a_customer, a_member_of_staff, signed_in
from tests.stores.make import CENTRE, a_store, an_area

MILK, BREAD, APPLES = "DAIRY-001", "BAKERY-001", "FRUIT-001"
HOME = {"lon": CENTRE.lon + 0.006, "lat": CENTRE.lat + 0.003}
ADDRESS = {"text": "建国路 1 号", "name": "王小明", "phone": "13812345678", "detail": "3-502"}
Json = dict[str, Any]


def build(db: Session, *, now: datetime) -> Json:
    """Stores `near` and `far` with 10 milk, 10 bread and 10 portions of apples each; people with their sign-in headers."""
    goods.save(
        db,
        products=[
            a_product(MILK),
            a_product(BREAD, name_zh="吐司", name_en="Toast", price_fen=1250),
            a_weighed_product(APPLES),
        ],
        now=now,
    )
    area = an_area(db)
    near = a_store(db, "NEAR", now=now, area_id=area)
    far = a_store(db, "FAR", now=now, east_m=1_800, north_m=600, area_id=area)
    for store in (near, far):
        lines = [receiving.ReceiptLine(sku, 10, None, None) for sku in (MILK, BREAD, APPLES)]
        receiving.receive(db, store_id=store, receipt_id=ids.new_id(), lines=lines, now=now)
    customer = a_customer(db, now=now)
    rider = a_member_of_staff(db, Role.RIDER, now=now)
    riders.enrol(db, rider_id=rider, name="张骑手", area_id=area, now=now)
    clerks = {store: a_member_of_staff(db, Role.CLERK, now=now, store_id=store) for store in (near, far)}
    return {
        "near": near,
        "far": far,
        "area": area,
        "customer": {"account": str(customer)},
        "clerks": {store: {"account": str(clerk)} for store, clerk in clerks.items()},
        "rider": {"account": str(rider)},
    }


@dataclass
class Town:
    """People and places, and what they do."""

    client: TestClient
    database: Database
    worker: Worker
    clock: Clock
    near: StoreId
    far: StoreId
    area: uuid.UUID
    customer: dict[str, str]
    clerks: dict[StoreId, dict[str, str]]
    rider: dict[str, str]
    signed_at: dict[str, datetime] = field(default_factory=dict)

    def headers(self, who: dict[str, str]) -> dict[str, str]:
        """Who is calling, signed in anew when the clock has moved on."""
        account, now = who["account"], self.clock()
        if account not in self.signed_at or (now - self.signed_at[account]).total_seconds() > 300:
            with self.database.sessions() as db:
                who |= signed_in(db, uuid.UUID(account), now=now)
            self.signed_at[account] = now
        return {"Authorization": who["Authorization"]}

    # The customer

    def post(self, who: dict[str, str], path: str, body: Json | None = None, *, key: str | None = None) -> Any:
        """A write over HTTP, with a key of its own."""
        headers = {**self.headers(who), "Idempotency-Key": key or uuid.uuid4().hex}
        return self.client.post(f"/api{path}", json=body if body is not None else {}, headers=headers)

    def get(self, who: dict[str, str], path: str) -> Any:
        """A read over HTTP."""
        answer = self.client.get(f"/api{path}", headers=self.headers(who))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def did(self, answer: Any, status: int = 200) -> Json:
        """The body of an answer that must have this status."""
        assert answer.status_code == status, answer.text
        body: Json = answer.json()
        return body

    def quote(self, *lines: tuple[str, int], **more: Any) -> Json:
        """A quote for a basket, delivered home unless told otherwise."""
        wanted = [{"sku": sku, "quantity": n} for sku, n in lines or ((MILK, 2), (BREAD, 1))]
        return self.did(
            self.post(self.customer, "/quotes", {"lines": wanted, "method": "delivery", "point": HOME, **more})
        )

    def place(self, *lines: tuple[str, int], preference: str = "ask", **more: Any) -> Json:
        """An order that stands."""
        body = {"quote": self.quote(*lines, **more)["quote"], "address": ADDRESS, "preference": preference}
        placed = self.did(self.post(self.customer, "/orders", body), 201)
        self.worker.drain()
        return placed

    def pay(self, order_id: str, *, times: int = 1) -> None:
        """The customer pays at the cashier, and the signed notice arrives a second later."""
        at = self.did(self.post(self.customer, f"/payments/{order_id}/cashier"))
        self.did(self.post(self.customer, f"/sandbox/charges/{at['ref']}/confirm"))
        self.clock.advance(1)
        for _ in range(times):
            self.worker.do("payments.send_notices")
            self.clock.advance(6 if times > 1 else 0)

    def bought(self, *lines: tuple[str, int], **more: Any) -> Json:
        """An order placed and paid."""
        placed = self.place(*lines, **more)
        self.pay(placed["order_id"])
        return placed

    def order(self, placed: Json) -> Any:
        """The order as its owner sees it."""
        return self.get(self.customer, f"/orders/{placed['order_id']}")

    def cancel(self, placed: Json) -> Any:
        """The customer changes their mind."""
        answer = self.post(self.customer, f"/orders/{placed['order_id']}/cancel", {"reason": "changed my mind"})
        self.worker.drain()
        self.settle()
        return answer

    def money(self, placed: Json) -> Any:
        """The order's payment."""
        return self.get(self.customer, f"/payments/{placed['order_id']}")

    def settle(self) -> None:
        """Let every notice and follow-up arrive."""
        for _ in range(3):
            self.clock.advance(3)
            self.worker.do("payments.send_notices")
            self.worker.do("payments.sweep")

    # The clerk

    def task(self, store: StoreId) -> Any:
        """The first open pick task of a store."""
        return self.get(self.clerks[store], "/pick-tasks")[0]

    def tasks(self, store: StoreId) -> list[Json]:
        """All open pick tasks of a store."""
        found: list[Json] = self.get(self.clerks[store], "/pick-tasks")
        return found

    def start(self, store: StoreId) -> Json:
        """The clerk begins with the first task; returns it."""
        task: Json = self.task(store)
        self.did(self.post(self.clerks[store], f"/pick-tasks/{task['id']}/start"))
        return task

    def scan(self, store: StoreId, task: Json, sku: str, *, weight_g: int = 0) -> None:
        """One piece found."""
        body = {"scan_id": uuid.uuid4().hex, "sku": sku, "quantity": 1, "weight_g": weight_g}
        self.did(self.post(self.clerks[store], f"/pick-tasks/{task['id']}/scans", body))

    def pick(self, store: StoreId | None = None) -> Json:
        """The clerk picks everything of the first task and finishes."""
        store = store or self.near
        task = self.start(store)
        for line in task["lines"]:
            for _ in range(line["quantity"]):
                self.scan(store, task, line["sku"], weight_g=line["piece_g"] if line["weighed"] else 0)
        finished = self.did(self.post(self.clerks[store], f"/pick-tasks/{task['id']}/finish"))
        self.worker.drain()
        self.settle()
        return finished

    # The rider

    def online(self) -> None:
        """The rider comes on shift near the near store."""
        self.did(self.post(self.rider, "/rider/online", {"lon": CENTRE.lon, "lat": CENTRE.lat}))

    def offered(self) -> Any:
        """A round is planned; the rider's trip as his phone shows it."""
        self.worker.do("dispatch.round")
        return self.get(self.rider, "/screens/rider")["trip"]

    def accepted(self) -> Any:
        """The rider comes on shift, is offered the trip and takes it."""
        self.online()
        trip = self.offered()
        self.did(self.post(self.rider, f"/trips/{trip['id']}/accept"))
        return trip

    def stop(self, trip: Json, kind: str) -> Json:
        """The trip's first stop of a kind."""
        found: Json = next(stop for stop in trip["stops"] if stop["kind"] == kind)
        return found

    def act(self, stop: Json, what: str, **more: Any) -> Any:
        """The rider acts at a stop."""
        answer = self.post(self.rider, f"/stops/{stop['id']}/{what}", {"at": self.clock().isoformat(), **more})
        self.worker.drain()
        return answer

    def code(self, placed: Json) -> str:
        """The code the customer reads out at the door."""
        with self.database.sessions() as db:
            query = text("SELECT code FROM deliveries WHERE order_id = :id AND state <> 'cancelled'")
            return str(db.scalar(query, {"id": placed["order_id"]}))

    def picked_up(self) -> Any:
        """The rider takes the trip, rides to the store and takes the goods; returns the trip."""
        trip = self.accepted()
        pickup = self.stop(trip, "pickup")
        self.clock.advance(240)
        self.did(self.act(pickup, "arrive"))
        self.did(self.act(pickup, "complete"))
        return self.get(self.rider, "/screens/rider")["trip"]

    # The house

    def stock(self, store: StoreId, sku: str) -> tuple[int, int]:
        """(on hand, reserved)."""
        query = text("SELECT on_hand, reserved FROM stock_items WHERE store_id = :store AND sku = :sku")
        with self.database.sessions() as db:
            row = db.execute(query, {"store": store, "sku": sku}).one()
        return row.on_hand, row.reserved

    def points(self) -> Any:
        """The member's card."""
        return self.get(self.customer, "/member")

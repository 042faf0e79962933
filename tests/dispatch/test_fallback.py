"""When no rider can keep a promise another house's courier is asked; what he answers, or does not, never loses a delivery."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from o2o.dispatch.carrying import deliveries, eta, stops
from o2o.dispatch.couriers import fallback
from o2o.dispatch.couriers.port import Booking, CourierRefused, CourierUnreachable, Progress
from o2o.dispatch.couriers.sandbox import HEAVIEST_G, SandboxCourier
from o2o.dispatch.models import CourierJob, Delivery, RoundRecord
from o2o.dispatch.tasks import areas_with_couriers, call_couriers
from o2o.geo.lonlat import LonLat, offset
from o2o.infra.outbox import OutboxRow
from o2o.kit import ids
from tests.dispatch.make import STORE, Town


@dataclass
class Moody:
    """A courier who refuses or does not answer when told to."""

    name: str = "moody"
    mood: str = "well"
    asked: list[uuid.UUID] = field(default_factory=list)

    def book(self, *, reference: uuid.UUID, pickup: LonLat, dropoff: LonLat, weight_g: int, now: datetime) -> Booking:
        self.asked.append(reference)
        if self.mood == "refuses":
            raise CourierRefused
        if self.mood == "silent":
            raise CourierUnreachable
        return Booking(f"m-{reference}", 900, now, now)

    def cancel(self, *, ref: str, now: datetime) -> bool:
        return self.mood != "gone"

    def progress(self, *, ref: str, now: datetime) -> Progress:
        return Progress({"well": "booked", "cancels": "cancelled"}.get(self.mood, self.mood), now)


def job(town: Town) -> CourierJob:
    with town.database.sessions() as db:
        return db.scalars(select(CourierJob)).one()


def turn(town: Town, courier: SandboxCourier | Moody) -> int:
    """One turn of the duty, a round before it."""
    town.round()
    return fallback.run(town.tools, courier, area_id=town.area_id, now=town.clock())


def said(town: Town) -> list[str]:
    with town.database.sessions() as db:
        names = db.scalars(
            select(OutboxRow.name).where(OutboxRow.name.like("dispatch.delivery_%")).order_by(OutboxRow.id)
        )
        return [name.removeprefix("dispatch.delivery_") for name in names if name != "dispatch.delivery_changed"]


def test_a_promise_that_would_break_is_kept_by_the_courier(town: Town) -> None:
    order_id = town.a_delivery(minutes=30)
    assert turn(town, SandboxCourier()) == 0  # there is time yet for a rider of our own
    town.clock.advance(9 * 60)
    assert turn(town, SandboxCourier()) == 1
    assert (town.delivery(order_id).state, job(town).state, job(town).fee_fen) == ("courier", "booked", 816)
    town.a_rider()
    assert turn(town, SandboxCourier()) == 0
    assert (town.delivery(order_id).state, town.delivery(order_id).rider_id) == ("courier", None)
    town.clock.advance(601)
    turn(town, SandboxCourier())
    assert (town.delivery(order_id).state, job(town).state) == ("courier", "picked_up")
    with town.database.sessions() as db, pytest.raises(deliveries.AlreadyPickedUp):
        deliveries.cancel(db, order_id=order_id, now=town.clock())
    town.clock.advance(300)
    for _ in range(2):
        turn(town, SandboxCourier())
    done = town.delivery(order_id)
    assert (done.state, done.ended_at) == ("delivered", job(town).deliver_at)
    assert done.ended_at <= done.due_at
    assert said(town) == ["picked_up", "completed"]


def test_one_turn_too_late_tells_both_pick_up_and_hand_over(town: Town) -> None:
    order_id = town.a_delivery(minutes=15)
    turn(town, SandboxCourier())
    town.clock.advance(3_600)
    turn(town, SandboxCourier())
    done = town.delivery(order_id)
    assert done.picked_up_at is not None
    assert done.picked_up_at < (done.ended_at or done.picked_up_at)
    assert said(town) == ["picked_up", "completed"]


def test_the_courier_is_not_asked_while_a_rider_can(town: Town) -> None:
    town.a_rider()
    order_id = town.a_delivery(minutes=15)
    assert turn(town, SandboxCourier()) == 0
    assert town.delivery(order_id).state == "assigned"


def test_a_rider_who_would_come_much_too_late_is_as_good_as_none(town: Town) -> None:
    town.a_rider()
    far = town.a_delivery(north_m=3_000)
    stop = town.open_stops(town.accepted(far).id)[0]
    with town.database.sessions() as db:
        stops.complete(db, stop_id=stop.id, rider_id=town.trip_of(far).rider_id, at=town.clock(), now=town.clock())
    near = town.a_delivery(minutes=16)
    assert turn(town, SandboxCourier()) == 1
    assert (town.delivery(near).state, job(town).reason) == ("courier", "window_missed")
    with town.database.sessions() as db:
        meant = db.scalars(select(RoundRecord.intended).order_by(RoundRecord.id.desc())).first()
    assert [one["delivery_id"] for one in meant or []] == [str(town.delivery(near).id)]


def test_unpacked_and_held_goods_are_not_handed_over(town: Town) -> None:
    town.a_delivery(minutes=15, packed=False)
    held = town.a_delivery(minutes=15)
    with town.database.sessions() as db:
        db.get_one(Delivery, town.delivery(held).id).hold_until = town.clock() + timedelta(minutes=5)
    assert turn(town, SandboxCourier()) == 0


def test_a_refused_job_waits_for_our_riders_again(town: Town) -> None:
    order_id = town.a_delivery(minutes=15)
    assert turn(town, Moody(mood="refuses")) == 1
    assert (town.delivery(order_id).state, job(town).state) == ("waiting", "refused")
    town.a_rider()
    town.round()
    assert town.delivery(order_id).state == "assigned"


def test_a_courier_who_does_not_answer_is_asked_again_with_the_same_reference(town: Town) -> None:
    order_id, courier = town.a_delivery(minutes=15), Moody(mood="silent")
    assert turn(town, courier) == 1
    assert (town.delivery(order_id).state, job(town).state) == ("courier", "asked")
    courier.mood = "well"
    assert turn(town, courier) == 0
    assert courier.asked == [job(town).id] * 2
    assert job(town).state == "booked"
    courier.mood = "cancels"
    turn(town, courier)
    assert (town.delivery(order_id).state, job(town).state) == ("waiting", "cancelled")


def test_a_cancelled_order_calls_its_courier_off(town: Town) -> None:
    order_id = town.a_delivery(minutes=15)
    turn(town, SandboxCourier())
    with town.database.sessions() as db:
        deliveries.cancel(db, order_id=order_id, now=town.clock())
    assert (town.delivery(order_id).state, job(town).state) == ("cancelled", "cancel_asked")
    set_up = replace(town.tools, settings=town.tools.settings.model_copy(update={"courier": "sandbox"}))
    assert areas_with_couriers(set_up) == [str(town.area_id)]
    assert areas_with_couriers(town.tools) == []
    call_couriers(set_up, now=town.clock(), key=str(town.area_id))
    assert (job(town).state, said(town)) == ("cancelled", [])
    assert areas_with_couriers(set_up) == []


def test_goods_nobody_took_from_the_courier_come_back(town: Town) -> None:
    order_id, courier = town.a_delivery(minutes=15), Moody()
    turn(town, courier)
    for mood in ("failed", "failed", "returned", "returned"):
        courier.mood = mood
        turn(town, courier)
    assert (town.delivery(order_id).state, town.delivery(order_id).reason) == ("returned", "courier_failed")
    assert said(town) == ["picked_up", "failed", "returned"]


def test_no_courier_is_called_unless_one_is_set(town: Town) -> None:
    order_id = town.a_delivery(minutes=15)
    town.round()
    call_couriers(town.tools, now=town.clock(), key=str(town.area_id))
    assert town.delivery(order_id).state == "waiting"


def test_the_sandbox_courier_refuses_what_is_too_heavy_or_too_far() -> None:
    now = datetime.fromisoformat("2026-03-02T02:00:00+00:00")
    asked = {"reference": ids.new_id(), "pickup": STORE, "now": now}
    near = offset(STORE, east_m=800, north_m=0)
    assert SandboxCourier().book(**asked, dropoff=near, weight_g=HEAVIEST_G).fee_fen == 815
    with pytest.raises(CourierRefused):
        SandboxCourier().book(**asked, dropoff=near, weight_g=HEAVIEST_G + 1)
    with pytest.raises(CourierRefused):
        SandboxCourier().book(**asked, dropoff=offset(STORE, east_m=6_000, north_m=0), weight_g=1)


def test_a_couriers_fee_is_what_the_delivery_costs_until_he_gives_it_back_and_his_time_is_what_customers_see(
    town: Town,
) -> None:
    order_id, courier = town.a_delivery(minutes=15), Moody()
    turn(town, courier)
    row = town.delivery(order_id)
    assert (row.state, row.cost_fen) == ("courier", 900)
    with town.database.sessions() as db:
        told = eta.of_delivery(db, town.tools.valkey, delivery_id=row.id, roads=town.tools.roads, now=town.clock())
    assert told is not None
    assert told.at == job(town).deliver_at
    assert told.from_at <= told.at < told.by_at
    courier.mood = "cancels"
    turn(town, courier)
    assert (town.delivery(order_id).state, town.delivery(order_id).cost_fen) == ("waiting", 0)

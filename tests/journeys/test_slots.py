"""A window later today: chosen, held, kept, given back; never more than it has room for; worked on when its time comes."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import text

from o2o.geo.lonlat import LonLat
from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.kit.ids import MemberId, OrderId, Sku
from o2o.orders import ledger_check
from o2o.orders.checkout import acceptance
from o2o.orders.checkout.placing import Placed
from o2o.orders.quoting import baskets, slots
from o2o.picking import rota
from tests.journeys.test_races import CONTACT, _together
from tests.journeys.town import BREAD, HOME, MILK, Town


def _slots(town: Town) -> list[dict[str, object]]:
    """The near store's windows."""
    found: list[dict[str, object]] = town.get(town.customer, f"/slots?store_id={town.near}")
    return found


def _booking(town: Town, placed: dict[str, object]) -> tuple[str, bool]:
    with town.database.sessions() as db:
        row = db.execute(
            text("select state, opened_at is not null from slot_bookings where order_id = :id"),
            {"id": placed["order_id"]},
        ).one()
    return row[0], row[1]


def test_windows_begin_on_the_hour_an_hour_ahead_and_within_the_opening_hours(town: Town) -> None:
    town.online()
    found = _slots(town)
    starts = [str(one["starts_at"]) for one in found]
    assert starts == sorted(starts)
    assert all(":00:00" in start for start in starts)
    assert starts[0] >= (town.clock() + timedelta(hours=1)).isoformat().replace("+00:00", "Z")[:19]
    assert all(one["store_id"] == str(town.near) for one in found)


def test_an_order_for_a_window_is_held_kept_and_worked_on_when_its_time_comes(town: Town) -> None:
    town.online()
    slot = next(one for one in _slots(town) if one["free"])
    placed = town.place(slot_id=slot["slot_id"])
    assert _booking(town, placed) == ("held", False)
    town.pay(placed["order_id"])
    order = town.order(placed)
    assert (order["promise_from"], order["promise_by"]) == (slot["starts_at"], slot["ends_at"])
    assert _booking(town, placed) == ("kept", False)
    assert town.tasks(town.near) == []
    with town.database.sessions() as db:
        assert ledger_check.differences(db) == []
    before = (slots.read(str(slot["slot_id"])).starts_at - slots.OPENED_BEFORE) - town.clock()
    town.clock.advance(before.total_seconds() + 1)
    town.worker.do("orders.open_slots")
    town.worker.do("orders.open_slots")
    assert _booking(town, placed) == ("kept", True)
    assert len(town.tasks(town.near)) == 1
    with town.database.sessions() as db:
        due = db.execute(text("select due_from, due_at, booked from deliveries")).one()
    assert due == (slots.read(str(slot["slot_id"])).starts_at, slots.read(str(slot["slot_id"])).ends_at, True)


def test_a_cancelled_order_gives_its_window_back_once(town: Town) -> None:
    town.online()
    slot = next(one for one in _slots(town) if one["free"])
    placed = town.bought(slot_id=slot["slot_id"])
    assert town.cancel(placed).status_code == 200
    assert _booking(town, placed)[0] == "released"
    with town.database.sessions() as db:
        assert slots.release(db, order_id=uuid.UUID(str(placed["order_id"])), now=town.clock()) is False
    town.clock.advance(7_200)
    town.worker.do("orders.open_slots")
    assert town.tasks(town.near) == []


def test_a_hold_that_ran_out_is_room_for_others_before_anybody_cleans_up(town: Town) -> None:
    town.online()
    slot = [one for one in _slots(town) if one["free"]][1]
    town.place(slot_id=slot["slot_id"])
    chosen = slots.read(str(slot["slot_id"]))
    with town.database.sessions() as db:
        (held,) = [room for one, room in slots.offered(db, store_ids=[town.near], now=town.clock()) if one == chosen]
        later = town.clock() + timedelta(seconds=901)
        (after,) = [room for one, room in slots.offered(db, store_ids=[town.near], now=later) if one == chosen]
    assert held.rides - held.left_rides == 1
    assert after.left_rides == after.rides


def test_an_order_never_paid_gives_its_window_back(town: Town) -> None:
    town.online()
    slot = next(one for one in _slots(town) if one["free"])
    placed = town.place(slot_id=slot["slot_id"])
    town.clock.advance(901)
    town.worker.do("inventory.expire_holds")
    assert _booking(town, placed)[0] == "released"


def test_however_many_take_at_once_a_window_never_holds_more_than_it_can(town: Town, tools: Tools) -> None:
    """Two hands for an hour, half of it for windows: 3,600 s; a basket of one line is 95 s; but the one rider makes two rides."""
    town.online()
    now = town.clock()
    with town.database.sessions() as db:
        slot, room = next((s, r) for s, r in slots.offered(db, store_ids=[town.near], now=now) if r.takes(95, 1))
    assert room.rides == 1
    answers = _together(*[_taking(town, tools, slot) for _ in range(8)])
    placed = [one for one in answers if isinstance(one, Placed)]
    full = [one for one in answers if isinstance(one, slots.SlotFull)]
    assert (len(placed), len(full)) == (room.rides, 8 - room.rides)
    with town.database.sessions() as db:
        (after,) = [r for s, r in slots.offered(db, store_ids=[town.near], now=now) if s == slot]
    assert after.left_rides == 0


def test_hands_on_the_rota_are_room_in_a_window(town: Town) -> None:
    town.online()
    now = town.clock()
    with town.database.sessions() as db:
        slot, usual = slots.offered(db, store_ids=[town.near], now=now)[0]
        hours = {"starts_at": slot.starts_at, "ends_at": slot.ends_at}
        shift_id = rota.plan(db, store_id=town.near, hands=5, by=None, now=now, **hours)
        five = slots.offered(db, store_ids=[town.near], now=now)[0][1]
        rota.cancel(db, shift_id=shift_id, store_id=town.near, now=now)
        again = slots.offered(db, store_ids=[town.near], now=now)[0][1]
    assert (usual.work_s, five.work_s, again.work_s) == (3_600, 9_000, 3_600)


def test_a_window_that_is_not_offered_is_refused(town: Town) -> None:
    for slot_id in ("x", f"{town.near}.0", f"{town.near}.99999999999999999999", f"{uuid.uuid4()}.1772503200"):
        answer = town.post(
            town.customer,
            "/quotes",
            {"lines": [{"sku": BREAD, "quantity": 1}], "method": "delivery", "point": HOME, "slot_id": slot_id},
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "orders.no_slot")


def _taking(town: Town, tools: Tools, slot: slots.Slot) -> Callable[[], object]:
    member = MemberId(uuid.UUID(town.customer["account"]))
    with town.database.sessions() as db:
        quoted = baskets.quote(
            db, member_id=member, lines=[(Sku(MILK), 2)], point=LonLat(HOME["lon"], HOME["lat"]), method="delivery",
            now=town.clock(), tools=tools, slot_id=slot.id,
        )  # fmt: skip

    def work() -> object:
        with town.database.sessions() as db:
            return acceptance.place_order(
                db, order_id=OrderId(ids.new_id()), member_id=member, token=quoted.token, contact=CONTACT, now=town.clock(),
                tools=tools,
            )  # fmt: skip

    return work

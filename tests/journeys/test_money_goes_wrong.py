"""Money that does not go its way, from the shelf to head office: somebody learns it, acts, and the customer is asked."""

import uuid

from sqlalchemy import text, update

from o2o.kit.principal import Role
from o2o.payments.models import SandboxCharge
from tests.identity.make import a_member_of_staff
from tests.journeys.town import MILK, Json, Town


def _staff(town: Town, role: Role, **scope: object) -> dict[str, str]:
    with town.database.sessions() as db:
        return {"account": str(a_member_of_staff(db, role, now=town.clock(), **scope))}  # type: ignore[arg-type]


def _lapse(town: Town) -> None:
    with town.database.sessions() as db:
        db.execute(update(SandboxCharge).where(SandboxCharge.state == "held").values(state="lapsed"))


def _give_up_trying(town: Town) -> None:
    for seconds in (61, 301, 1_801, 7_201):
        town.clock.advance(seconds)
        town.worker.do("payments.sweep")


def _packed_unpaid(town: Town) -> Json:
    """An order packed, its money gone from where it was held."""
    placed = town.bought()
    _lapse(town)
    town.pick()
    return placed


def _one(town: Town, who: dict[str, str]) -> Json:
    (found,) = town.get(who, "/payment-troubles")
    assert isinstance(found, dict)
    return found


def test_a_capture_that_fails_is_seen_by_its_dispatcher_and_paid_another_way(town: Town) -> None:
    placed = _packed_unpaid(town)
    desk = _staff(town, Role.DISPATCHER, area_ids=[town.area])
    other = _staff(town, Role.DISPATCHER, area_ids=[uuid.uuid4()])
    seen = _one(town, desk)
    assert (seen["kind"], seen["state"], seen["order_no"]) == ("capture", "retrying", town.order(placed)["order_no"])
    assert town.get(other, "/payment-troubles") == []
    assert town.post(other, f"/payment-troubles/{seen['id']}/retry").status_code == 404
    screen = town.get(desk, "/screens/dispatcher")
    assert [one["id"] for one in screen["troubles"]] == [seen["id"]]
    _give_up_trying(town)
    assert town.post(desk, f"/payment-troubles/{seen['id']}/end", {"note": "x"}).status_code == 403
    asked = town.post(desk, f"/payment-troubles/{seen['id']}/ask", {"note": "已致电"}, key="k" * 32)
    again = town.post(desk, f"/payment-troubles/{seen['id']}/ask", {"note": "已致电"}, key="k" * 32)
    assert (town.did(asked), again.json()) == ({"trouble_id": seen["id"], "state": "asked"}, asked.json())
    owed = town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")["owed"]
    assert owed["amount_fen"] == placed["total_fen"]
    town.pay(placed["order_id"])
    town.worker.drain(times=2)
    assert town.money(placed)["captured_fen"] == placed["total_fen"]
    assert town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")["owed"] is None
    assert town.get(desk, "/payment-troubles") == []
    (told,) = town.get(desk, f"/orders/{placed['order_id']}/payment-troubles")
    assert [one["act"] for one in told["steps"]][-2:] == ["asked", "done"]
    assert told["steps"][-2]["actor"] == f"dispatcher:{desk['account']}"


def test_a_question_to_the_customer_is_taken_back_by_a_dispatcher_of_the_area(town: Town) -> None:
    placed = _packed_unpaid(town)
    desk = _staff(town, Role.DISPATCHER, area_ids=[town.area])
    other = _staff(town, Role.DISPATCHER, area_ids=[uuid.uuid4()])
    _give_up_trying(town)
    seen = _one(town, desk)
    town.did(town.post(desk, f"/payment-troubles/{seen['id']}/ask", {"note": ""}))
    assert town.post(other, f"/payment-troubles/{seen['id']}/unask").status_code == 404
    answer = town.did(town.post(desk, f"/payment-troubles/{seen['id']}/unask"))
    assert answer == {"trouble_id": seen["id"], "state": "open"}
    town.worker.drain(times=2)
    assert town.get(town.customer, f"/screens/customer/orders/{placed['order_id']}")["owed"] is None
    told = _one(town, desk)
    assert (told["state"], told["steps"][-1]["act"]) == ("open", "unasked")
    refused = town.post(desk, f"/payment-troubles/{seen['id']}/unask")
    assert (refused.status_code, refused.json()["code"]) == (409, "payments.not_asked")


def test_an_unpaid_order_that_cannot_be_handed_over_ends_and_owes_nothing(town: Town) -> None:
    """A refund of money that never came once stood in the way of everything after it."""
    placed = _packed_unpaid(town)
    _give_up_trying(town)
    assert town.did(town.cancel(placed))["state"] == "cancelled"
    hq = _staff(town, Role.HQ)
    assert town.get(hq, "/payment-troubles") == []
    (told,) = town.get(hq, f"/orders/{placed['order_id']}/payment-troubles")
    assert (told["state"], told["outcome"]) == ("closed", "given_back")
    assert town.money(placed)["captured_fen"] == 0


def test_head_office_writes_it_off_with_a_reason(town: Town) -> None:
    placed = _packed_unpaid(town)
    _give_up_trying(town)
    hq = _staff(town, Role.HQ)
    seen = _one(town, hq)
    assert town.post(hq, f"/payment-troubles/{seen['id']}/end", {"note": ""}).status_code == 422
    town.did(town.post(hq, f"/payment-troubles/{seen['id']}/end", {"note": "小额，联系不上"}))
    assert town.get(hq, "/payment-troubles") == []
    (told,) = town.get(hq, f"/orders/{placed['order_id']}/payment-troubles")
    assert (told["outcome"], told["steps"][-1]["note"]) == ("written_off", "小额，联系不上")


def _sells_by_code(town: Town, member: str | None = None) -> Json:
    body = {
        "sale_id": str(uuid.uuid4()), "items": [{"sku": MILK, "quantity": 2}], "tender": "sandbox",
        "at": town.clock().isoformat(), "member_code": member,
    }  # fmt: skip
    return town.did(town.post(town.clerks[town.near], "/till/sales", body), 201)


def test_a_sale_by_code_is_paid_by_whoever_scans_it(town: Town) -> None:
    sale = _sells_by_code(town)
    clerk, at = town.clerks[town.near], f"/till/sales/{sale['order_id']}/code"
    code = town.did(town.post(clerk, at))
    assert (code["state"], code["amount_fen"]) == ("waiting", sale["total_fen"])
    ref = code["pay_url"].rsplit("/", 1)[1]
    assert town.get(town.customer, f"/charges/{ref}")["amount_fen"] == sale["total_fen"]
    town.did(town.post(town.customer, f"/sandbox/charges/{ref}/confirm"))
    town.clock.advance(2)
    town.worker.do("payments.send_notices")
    town.worker.drain(times=2)
    assert town.get(clerk, at)["state"] == "paid"
    assert town.client.get(f"/api{at}", headers=town.headers(town.clerks[town.far])).status_code == 404
    with town.database.sessions() as db:
        assert db.scalar(text("SELECT captured_fen FROM payments")) == sale["total_fen"]


def test_a_code_nobody_paid_expires_is_told_and_a_fresh_one_or_cash_ends_it(town: Town) -> None:
    sale, hq = _sells_by_code(town), _staff(town, Role.HQ)
    clerk, at = town.clerks[town.near], f"/till/sales/{sale['order_id']}"
    first = town.did(town.post(clerk, f"{at}/code"))
    town.clock.advance(901)
    assert town.get(clerk, f"{at}/code")["state"] == "expired"
    town.worker.do("payments.sweep")
    seen = _one(town, hq)
    assert (seen["kind"], seen["channel"], seen["state"]) == ("unpaid", "till", "open")
    assert town.post(hq, f"/payment-troubles/{seen['id']}/ask").status_code == 409, "nobody knows whom to ask"
    fresh = town.did(town.post(clerk, f"{at}/code"))
    assert fresh["state"] == "waiting"
    assert fresh["pay_url"] != first["pay_url"]
    assert town.did(town.post(clerk, f"{at}/code"))["pay_url"] == fresh["pay_url"]
    assert _one(town, hq)["state"] == "asked"
    town.did(town.post(clerk, f"{at}/cash"))
    assert town.get(hq, "/payment-troubles") == []
    assert town.get(clerk, f"{at}/code")["state"] == "paid"
    assert town.post(clerk, f"{at}/cash").json()["code"] == "payments.paid_already"
    old = fresh["pay_url"].rsplit("/", 1)[1]
    town.did(town.post(town.customer, f"/sandbox/charges/{old}/confirm"))
    town.clock.advance(2)
    town.worker.do("payments.send_notices")
    town.settle()
    with town.database.sessions() as db:
        kept = db.execute(text("SELECT provider, captured_fen FROM payments WHERE captured_fen > 0")).all()
        held = db.scalar(text("SELECT count(*) FROM sandbox_charges WHERE state = 'held'"))
    assert (kept, held) == ([("cash", sale["total_fen"])], 0), "paid twice, taken once"


def test_a_till_lists_what_was_sold_by_code_and_is_not_paid(town: Town) -> None:
    clerk = town.clerks[town.near]
    first = _sells_by_code(town)
    town.clock.advance(60)
    second = _sells_by_code(town)
    seen = town.get(clerk, "/till/unpaid")
    assert [one["sale_id"] for one in seen] == [second["order_id"], first["order_id"]]
    assert {name: seen[0][name] for name in ("order_no", "amount_fen", "first_zh", "lines")} == {
        "order_no": second["order_no"], "amount_fen": second["total_fen"], "first_zh": "鲜牛奶 950ml", "lines": 1,
    }  # fmt: skip
    assert town.get(town.clerks[town.far], "/till/unpaid") == []
    town.clock.advance(3_600)
    assert len(town.get(clerk, "/till/unpaid")) == 2, "owed, though its code has run out"
    town.did(town.post(clerk, f"/till/sales/{second['order_id']}/cash"))
    assert [one["sale_id"] for one in town.get(clerk, "/till/unpaid")] == [first["order_id"]]
    assert town.client.get("/api/till/unpaid", headers=town.headers(town.customer)).status_code == 403


def test_whoever_scans_a_code_reads_who_asks_for_the_money(town: Town) -> None:
    sale = _sells_by_code(town)
    code = town.did(town.post(town.clerks[town.near], f"/till/sales/{sale['order_id']}/code"))
    ref = code["pay_url"].rsplit("/", 1)[1]
    assert town.get(town.customer, f"/screens/customer/charges/{ref}") == {
        "order_no": sale["order_no"], "channel": "till", "store_zh": "NEAR 店", "store_en": "Store NEAR",
    }  # fmt: skip
    unknown = town.client.get(f"/api/screens/customer/charges/{'0' * 32}", headers=town.headers(town.customer))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "payments.none")


def test_the_sandbox_takes_a_yes_whose_money_never_comes(town: Town) -> None:
    placed, desk = town.place(), _staff(town, Role.DISPATCHER, area_ids=[town.area])
    at = town.did(town.post(town.customer, f"/payments/{placed['order_id']}/cashier"))
    town.did(town.post(town.customer, f"/sandbox/charges/{at['ref']}/lapse"))
    town.clock.advance(1)
    town.worker.do("payments.send_notices")
    town.worker.drain()
    assert town.order(placed)["state"] == "paid"
    town.pick()
    seen = _one(town, desk)
    assert (seen["kind"], seen["state"], seen["reason"]) == ("capture", "retrying", "payments.declined")


def test_goods_of_an_unpaid_sale_come_back_and_no_money_moves(town: Town) -> None:
    sale = _sells_by_code(town)
    body = {"return_id": str(uuid.uuid4()), "kind": "return", "reason": "damaged", "lines": [{"no": 1, "quantity": 2}]}
    clerk = town.clerks[town.near]
    town.did(town.post(clerk, f"/counter/orders/{sale['order_id']}/returns", body), 201)
    town.did(town.post(clerk, f"/returns/{body['return_id']}/decide", {"approve": True}))
    town.did(town.post(clerk, f"/returns/{body['return_id']}/receive"))
    town.did(town.post(clerk, f"/returns/{body['return_id']}/inspect", {"outcome": "restocked"}))
    town.worker.drain(times=2)
    assert town.get(clerk, f"/till/sales/{sale['order_id']}/code")["state"] == "over"
    assert town.did(town.post(clerk, f"/till/sales/{sale['order_id']}/code"))["state"] == "over", (
        "nothing to pay afresh"
    )
    assert town.get(clerk, "/till/unpaid") == []


def test_a_sale_by_code_that_was_written_off_asks_for_nothing_more(town: Town) -> None:
    sale, hq = _sells_by_code(town), _staff(town, Role.HQ)
    town.clock.advance(901)
    town.worker.do("payments.sweep")
    assert town.get(town.clerks[town.near], f"/till/sales/{sale['order_id']}/code")["state"] == "expired"
    town.did(town.post(hq, f"/payment-troubles/{_one(town, hq)['id']}/end", {"note": "顾客走了"}))
    assert town.get(town.clerks[town.near], f"/till/sales/{sale['order_id']}/code")["state"] == "over"
    assert town.get(town.clerks[town.near], "/till/unpaid") == []

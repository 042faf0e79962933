"""Why a delivery got its rider, or none: named reason, named riders, and only for the area's own people."""

from sqlalchemy import update

from o2o.dispatch.models import Rider
from o2o.kit import ids
from tests.dispatch.make import Desk


def test_the_limit_in_the_way_is_named_with_what_would_have_fitted(desk: Desk) -> None:
    rider_id, order_id = desk.a_rider(), desk.town.a_delivery()
    with desk.town.database.sessions() as db:
        db.execute(update(Rider).values(capacity_g=2_000))
    outcome = desk.town.round()
    assert outcome is not None
    path = f"/rounds/{outcome.round_id}/deliveries/{desk.town.delivery(order_id).id}/why"
    said = desk.get(path)
    assert said.status_code == 200
    body = said.json()
    assert (body["chosen"], body["reason"], body["zh"]) == (None, "too_heavy", "超出载重")
    assert [(v["rider_id"], v["rider"], v["reason"]) for v in body["verdicts"]] == [
        (str(rider_id), "骑手100", "too_heavy")
    ]
    assert (body["would_fit"][0], body["would_fit_zh"][0]) == ("load +1 kg", "载重增加 1 公斤")
    assert len(body["would_fit"]) == len(body["would_fit_zh"])
    assert desk.get(path, "hq").status_code == 200
    assert desk.get(path, "stranger").status_code == 404


def test_the_chosen_rider_is_ranked_first_with_the_margin_to_the_next(desk: Desk) -> None:
    near, far = desk.a_rider(east_m=50), desk.a_rider(east_m=2_000)
    order_id = desk.town.a_delivery()
    outcome = desk.town.round()
    assert outcome is not None
    path = f"/rounds/{outcome.round_id}/deliveries/{desk.town.delivery(order_id).id}/why"
    body = desk.get(path).json()
    assert (body["chosen"], body["reason"]) == (str(near), "fits")
    assert [v["rider_id"] for v in body["verdicts"]] == [str(near), str(far)]
    first, second = body["verdicts"]
    assert body["margin"] == second["extra_cost"] - first["extra_cost"] > 0
    assert sum(first["terms"].values()) == first["extra_cost"]


def test_what_is_in_a_silent_riders_bag_is_not_said_to_fit_anybody_else(desk: Desk) -> None:
    town = desk.town
    rider_id, order_id = desk.a_rider(), town.a_delivery()
    trip = town.accepted(order_id)
    pickup = town.open_stops(trip.id)[0]
    desk.post(f"/stops/{pickup.id}/complete", {"at": town.clock().isoformat()}, rider_id)
    town.clock.advance(600)
    desk.again("dispatcher")
    town.a_rider(east_m=10)
    outcome = town.round()
    assert outcome is not None
    body = desk.get(f"/rounds/{outcome.round_id}/deliveries/{town.delivery(order_id).id}/why").json()
    assert (body["reason"], body["would_fit"], body["would_fit_zh"]) == ("held_by_other", [], [])


def test_a_delivery_unknown_to_the_round_is_not_explained(desk: Desk) -> None:
    desk.town.a_delivery()
    outcome = desk.town.round()
    assert outcome is not None
    answer = desk.get(f"/rounds/{outcome.round_id}/deliveries/{ids.new_id()}/why")
    assert (answer.status_code, answer.json()["code"]) == (404, "dispatch.not_in_round")

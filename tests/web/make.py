"""What the server says, for the stage: the smallest answers a screen lives on."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

STORE_ID = "01976b2e-6f00-7abc-8def-000000000001"
PHONE, TABLET, DESK = (390, 844), (1180, 820), (1440, 900)


def soon(seconds: float) -> str:
    """So many seconds from now, as the wire has it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def account(role: str) -> dict[str, Any]:
    """Somebody signed in."""
    return {"id": str(uuid.uuid4()), "role": role, "name": "小李", "store_id": STORE_ID, "area_ids": []}


def good(
    sku: str, name: str, *, price_fen: int = 1000, weighed: bool = False, barcode: str | None = None
) -> dict[str, Any]:
    """A good of the catalogue."""
    return {
        "sku": sku, "barcode": barcode, "item_number": None, "name_zh": name, "name_en": name, "category": "fruit",
        "unit": "kg" if weighed else "piece", "price_fen": price_fen, "weighed": weighed, "weight_g": 250,
        "volume_ml": 250, "temperature": "ambient", "age_checked": False, "picture": "🍎",
        "active": True, "substitutes": [],
    }  # fmt: skip


AISLES = [{"code": "fruit", "name_zh": "水果", "name_en": "Fruit", "picture": "🍎", "goods": 2}]


def pick_line(sku: str, name: str, quantity: int, *, weighed: bool = False) -> dict[str, Any]:
    """A line of a pick task, nothing of it picked."""
    return {
        "sku": sku, "name_zh": name, "name_en": name, "quantity": quantity, "weighed": weighed, "piece_g": 250, "picked": 0,
        "weight_g": 0, "short": 0, "short_reason": None, "substitute_sku": None, "substitute_name": None,
        "substitute_quantity": 0, "substitute_fen": 0, "consent": None, "consent_by": None,
    }  # fmt: skip


def pick_task(task_id: str, lines: list[dict[str, Any]], *, state: str = "queued") -> dict[str, Any]:
    """A pick task due in ten minutes."""
    return {
        "id": task_id, "order_id": str(uuid.uuid4()), "order_no": "K7Q-2M9", "store_id": STORE_ID, "state": state,
        "preference": "ask", "due_at": soon(600), "work_s": 90, "assigned_to": None, "note": "", "reason": None,
        "opened_at": soon(-60), "started_at": None, "ended_at": None, "lines": lines,
    }  # fmt: skip


def stop(stop_id: str, kind: str, *, state: str = "pending", delivery_kind: str = "delivery") -> dict[str, Any]:
    """A halt of a trip."""
    return {
        "id": stop_id, "delivery_id": "d1", "order_no": "K7Q-2M9", "delivery_kind": delivery_kind,
        "kind": kind, "state": state, "lon": 116.32, "lat": 40.0,
        "eta_at": soon(300), "due_at": soon(900), "address": "紫荆公寓 2 号楼" if kind == "dropoff" else "", "store_zh": "成府路店",
        "store_en": "Chengfu Road", "weight_g": 2400, "goods_ready": True, "done_at": None,
        "live_at": soon(240), "live_from_at": soon(200), "live_until_at": soon(320),
    }  # fmt: skip


def pooled(order_no: str) -> dict[str, Any]:
    """A delivery in the open pool."""
    return {
        "delivery_id": f"d-{order_no}", "order_no": order_no, "store_id": STORE_ID, "pickup": {"lon": 116.32, "lat": 40.0},
        "dropoff": {"lon": 116.325, "lat": 40.003}, "weight_g": 1800, "packed_at": soon(-400), "due_at": soon(1500),
        "distance_m": 640, "earnings_fen": 612,
    }  # fmt: skip


def rider_screen(
    *, state: str = "available", trip: dict[str, Any] | None = None, break_wanted: bool = False
) -> dict[str, Any]:
    """A rider's phone."""
    return {
        "rider_id": "r1", "name": "赵师傅", "state": state, "break_wanted": break_wanted,
        "area_id": "a1", "vehicle": "ebike", "lon": 116.31, "lat": 40.0,
        "trip": trip, "trip_earnings_fen": 938, "open_incidents": 0, "server_at": soon(0),
        "today": {"deliveries": 3, "trips": 2, "distance_m": 4200, "earnings_fen": 1470}, "shift_ends_at": soon(7200),
        "past_trips": [{"id": "t0", "ended_at": soon(-900), "deliveries": 2, "distance_m": 2600, "earnings_fen": 855}],
    }  # fmt: skip


def trip(state: str, stops: list[dict[str, Any]]) -> dict[str, Any]:
    """A trip offered for as long as a test may take, or accepted."""
    return {
        "id": "t1", "rider_id": "r1", "state": state, "offered_at": soon(-5), "offer_expires_at": soon(600),
        "distance_m": 2380, "version": 1, "stops": stops, "geometry": None,
    }  # fmt: skip


def desk(deliveries: list[dict[str, Any]], *, trips: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A dispatcher's desk over one store and two riders, the second free."""
    here = {"lon": 116.32, "lat": 40.0}
    store = {
        "id": STORE_ID, "name_zh": "成府路店", "name_en": "Chengfu Road", "open": True, "open_deliveries": 2, **here,
    }  # fmt: skip
    rider = {
        "id": "r1", "name": "赵师傅", "state": "on_trip", "break_wanted": False, "vehicle": "ebike", "heard_s": 4,
        "open_deliveries": 1, "max_jobs": 4, "shift_ends_at": soon(7200), **here,
    }  # fmt: skip
    free = {**rider, "id": "r2", "name": "钱师傅", "state": "available", "open_deliveries": 0, "lon": 116.322}
    done = {"delivered": 9, "on_time_percent": 93, "mean_minutes": 31}
    return {
        "area": {"id": "a1", "name": "海淀"}, "areas": [{"id": "a1", "name": "海淀"}],
        "stores": [store],
        "riders": [rider, free],
        "trips": trips or [], "deliveries": deliveries, "incidents": [], "last_round_at": soon(-9), "server_at": soon(0),
        "numbers": {"open": len(deliveries), "unassigned": 1, "late": 0, "riders_on": 2, "riders_free": 1, **done},
    }  # fmt: skip


def tour(tour_id: str, order_nos: list[str], *, rider: str = "赵师傅") -> dict[str, Any]:
    """A tour planned for a booked window: all picked up at one counter, then door after door."""
    window = {"due_from": soon(3600), "due_at": soon(7200)}
    counter = {"kind": "pickup", "at": soon(3000), "lon": 116.32, "lat": 40.0, "address": "", **window}
    stops = [{"delivery_id": f"d-{no}", "order_no": no, **counter} for no in order_nos]
    for k, no in enumerate(order_nos):
        door = {
            "at": soon(3700 + 400 * k),
            "lon": 116.324 + 0.004 * k,
            "lat": 40.003,
            "address": f"紫荆公寓 {k + 1} 号楼",
        }
        stops.append({"delivery_id": f"d-{no}", "order_no": no, "kind": "dropoff", **door, **window})
    return {
        "tour_id": tour_id, "rider_id": "r1" if rider else None, "rider": rider, "state": "planned", "trip_id": None,
        "depart_at": soon(2900), "ends_at": soon(5000), "distance_m": 4300, "weight_g": 7200, "stops": stops,
    }  # fmt: skip


ROUND_ID = "01976b2e-6f00-7abc-8def-0000000000f1"


def delivery(
    order_no: str, *, waits_for: str | None = None, state: str = "picked_up", held: bool = False
) -> dict[str, Any]:
    """An open delivery; `waits_for` is the reason that it has no rider."""
    waiting = {"code": "x", "zh": waits_for, "en": "why", "until": None, "round_id": ROUND_ID}
    return {
        "id": f"d-{order_no}", "kind": "delivery", "order_id": "o1", "order_no": order_no, "store_id": STORE_ID,
        "to_store_id": None, "rider_id": None if waits_for else "r1", "trip_id": None if waits_for else "t1",
        "round_id": ROUND_ID, "state": "waiting" if waits_for else state, "reason": "no_contact" if state == "failed" else "",
        "address": "紫荆公寓 2 号楼", "lon": 116.325, "lat": 40.003, "pickup_lon": 116.32, "pickup_lat": 40.0,
        "requested_at": soon(-600), "ready_at": soon(-60), "goods_ready": True, "due_from": soon(0), "due_at": soon(900),
        "eta_at": soon(500), "live_at": soon(480), "live_from_at": soon(400), "live_until_at": soon(600),
        "risk": "ok", "weight_g": 2400, "booked": False, "pooled": False, "courier": None,
        "hold_until": soon(1800) if held else None, "only_for": None, "again_at": None,
        "waiting": waiting if waits_for else None, "intended": None,
    }  # fmt: skip


def effect(
    order_no: str, *, rider_before: str | None, rider_after: str | None, late_after_s: int = 0
) -> dict[str, Any]:
    """What a hand does to one promise."""
    return {
        "delivery_id": f"d-{order_no}", "order_no": order_no, "due_at": soon(900), "rider_before": rider_before,
        "rider_after": rider_after, "kept_for": None, "kept_from": None, "eta_before": soon(500) if rider_before else None,
        "eta_after": soon(900 + late_after_s) if rider_after else None, "late_before_s": 0, "late_after_s": late_after_s,
    }  # fmt: skip


def why() -> dict[str, Any]:
    """A verdict on three riders: one chosen, one runner-up, one who could not."""
    terms = {"wait": 12_000, "late": 0, "busy": 3_000, "ride": 600}
    fits = {"reason": "fits", "zh": "可承接", "en": "fits"}
    return {
        "delivery_id": "d-AAA-1", "chosen": "r1", "reason": "fits", "zh": "可承接", "en": "fits", "margin": 9_000,
        "verdicts": [
            {"rider_id": "r1", "rider": "赵师傅", **fits, "extra_cost": 15_600, "terms": terms},
            {"rider_id": "r2", "rider": "钱师傅", **fits, "extra_cost": 24_600, "terms": {**terms, "wait": 21_000}},
            {"rider_id": "r3", "rider": "孙师傅", "reason": "too_heavy", "zh": "超出载重", "en": "too heavy", "extra_cost": 0,
             "terms": {}},
        ],
        "would_fit": [], "would_fit_zh": [],
    }  # fmt: skip


def rounds() -> dict[str, Any]:
    """One past round that gave one order of two."""
    left = {"delivery_id": "d-BBB-2", "reason": "too_heavy", "zh": "超出载重", "en": "too heavy", "until": None}
    return {
        "rounds": [
            {"round_id": ROUND_ID, "at": soon(-30), "jobs": 2, "riders": 2, "given": 1, "dropped": 0, "deferred": [left],
             "breaches": [], "took_ms": 41, "digest": "8900f46c910a1bcd"},
        ]
    }  # fmt: skip


def round_screen() -> dict[str, Any]:
    """That round on the map."""
    places = {"pickup": {"lon": 116.32, "lat": 40.0}, "dropoff": {"lon": 116.325, "lat": 40.003}}
    times = {"ready_at": soon(-60), "due_at": soon(900)}
    given = {"at": soon(500), "rider_id": "r1", "firm": True, "held": False, "code": "", "zh": "", "en": ""}
    left = {
        "at": None,
        "rider_id": None,
        "firm": False,
        "held": False,
        "code": "too_heavy",
        "zh": "超出载重",
        "en": "too heavy",
    }
    jobs = [("AAA-1", given), ("BBB-2", left)]
    return {
        "id": ROUND_ID, "at": soon(-30), "took_ms": 41, "seed": 1, "digest": "8900f46c910a1bcd", "cost": 15_600,
        "riders": [{"id": "r1", "name": "赵师傅", "lon": 116.32, "lat": 40.0, "carrying": 0, "locked": False}],
        "jobs": [
            {"delivery_id": f"d-{no}", "order_no": no, "kind": "delivery", **places, **times, **how} for no, how in jobs
        ],
        "trips": [{"rider_id": "r1", "stops": 2, "cost": 15_600, "terms": {}, "geometry": None}],
    }  # fmt: skip

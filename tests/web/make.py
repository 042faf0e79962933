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
        "unit": "kg" if weighed else "piece", "price_fen": price_fen, "weighed": weighed, "weight_g": 250, "picture": "🍎",
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


def stop(stop_id: str, kind: str, *, state: str = "pending") -> dict[str, Any]:
    """A halt of a trip."""
    return {
        "id": stop_id, "delivery_id": "d1", "order_no": "K7Q-2M9", "kind": kind, "state": state, "lon": 116.32, "lat": 40.0,
        "eta_at": soon(300), "due_at": soon(900), "address": "紫荆公寓 2 号楼" if kind == "dropoff" else "", "store_zh": "成府路店",
        "store_en": "Chengfu Road", "weight_g": 2400, "goods_ready": True, "done_at": None,
    }  # fmt: skip


def rider_screen(*, state: str = "available", trip: dict[str, Any] | None = None) -> dict[str, Any]:
    """A rider's phone."""
    return {
        "rider_id": "r1", "name": "赵师傅", "state": state, "area_id": "a1", "vehicle": "ebike", "lon": 116.31, "lat": 40.0,
        "trip": trip, "trip_earnings_fen": 938, "open_incidents": 0, "server_at": soon(0),
        "today": {"deliveries": 3, "trips": 2, "distance_m": 4200, "earnings_fen": 1470},
    }  # fmt: skip


def trip(state: str, stops: list[dict[str, Any]]) -> dict[str, Any]:
    """A trip offered for half a minute, or accepted."""
    return {
        "id": "t1", "rider_id": "r1", "state": state, "offered_at": soon(-5), "offer_expires_at": soon(30),
        "distance_m": 2380, "version": 1, "stops": stops, "geometry": None,
    }  # fmt: skip


def desk(deliveries: list[dict[str, Any]]) -> dict[str, Any]:
    """A dispatcher's desk over one store and one rider."""
    here = {"lon": 116.32, "lat": 40.0}
    store = {
        "id": STORE_ID,
        "name_zh": "成府路店",
        "name_en": "Chengfu Road",
        "open": True,
        "open_deliveries": 2,
        **here,
    }
    rider = {
        "id": "r1",
        "name": "赵师傅",
        "state": "on_trip",
        "vehicle": "ebike",
        "heard_s": 4,
        "open_deliveries": 1,
        **here,
    }
    done = {"delivered": 9, "on_time_percent": 93, "mean_minutes": 31}
    return {
        "area": {"id": "a1", "name": "海淀"}, "areas": [{"id": "a1", "name": "海淀"}],
        "stores": [store],
        "riders": [rider],
        "trips": [], "deliveries": deliveries, "incidents": [], "last_round_at": soon(-9), "server_at": soon(0),
        "numbers": {"open": len(deliveries), "unassigned": 1, "late": 0, "riders_on": 1, "riders_free": 0, **done},
    }  # fmt: skip


def delivery(order_no: str, *, waits_for: str | None = None) -> dict[str, Any]:
    """An open delivery; `waits_for` is the reason that it has no rider."""
    waiting = {
        "code": "x",
        "zh": waits_for,
        "en": "why",
        "until": None,
        "round_id": "01976b2e-6f00-7abc-8def-0000000000f1",
    }
    return {
        "id": f"d-{order_no}", "order_id": "o1", "order_no": order_no, "store_id": STORE_ID, "rider_id": None if waits_for else "r1",
        "state": "waiting" if waits_for else "picked_up", "address": "紫荆公寓 2 号楼", "lon": 116.325, "lat": 40.003,
        "requested_at": soon(-600), "ready_at": soon(-60), "goods_ready": True, "due_at": soon(900), "eta_at": soon(500),
        "risk": "ok", "weight_g": 2400, "waiting": waiting if waits_for else None,
    }  # fmt: skip

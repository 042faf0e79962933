"""What the server says to head office, for the stage."""

from typing import Any

from tests.web.make import STORE_ID, soon

AREA_ID = "01976b2e-6f00-7abc-8def-0000000000a1"
OTHER_ID = "01976b2e-6f00-7abc-8def-000000000002"
ORDER_ID = "01976b2e-6f00-7abc-8def-0000000000d1"


def store(store_id: str = STORE_ID, name: str = "成府路店", *, lon: float = 116.32) -> dict[str, Any]:
    """A store that takes orders."""
    return {
        "id": store_id, "code": name, "name_zh": name, "name_en": name, "lon": lon, "lat": 40.0, "address": "成府路 1 号",
        "area_id": AREA_ID, "timezone": "Asia/Shanghai", "open": True, "open_now": True, "opens_at": None,
        "closes_at": soon(9_000), "pick_line_s": 40, "phone": "", "hours": [], "rush_s": 0, "rush_until": None,
        "closed": False, "closed_until": None,
    }  # fmt: skip


def square(lon: float = 116.32, lat: float = 40.0, side: float = 0.01) -> dict[str, Any]:
    """A polygon around a point."""
    ring = [[lon - side, lat - side], [lon + side, lat - side], [lon + side, lat + side], [lon - side, lat + side]]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def zone(zone_id: str, name: str, *, excluded: bool = False) -> dict[str, Any]:
    """A drawn zone as it is kept."""
    return {
        "id": zone_id, "name": name, "excluded": excluded, "shapes": [{"kind": "polygon", "polygon": square()}],
        "polygon": square(), "area_km2": 3.8, "windows": [], "fee_fen": 300, "min_basket_fen": 2000, "speed_s": 1800,
        "arrives_from": None, "arrives_until": None,
    }  # fmt: skip


def zones(version: int, *kept: dict[str, Any]) -> dict[str, Any]:
    """All zones of the store."""
    return {"owner_id": STORE_ID, "version": version, "zones": list(kept)}


def draft(count: int) -> dict[str, Any]:
    """What so many zones would reach."""
    return {
        "zones": [{"polygon": square(), "area_km2": 3.8, "homes": 812}] * count, "homes": 2400, "homes_before": 700,
        "homes_after": 812, "newly_served": 140, "no_longer_served": 28, "estimated": False,
    }  # fmt: skip


def coverage(*, gain: bool = False) -> dict[str, Any]:
    """A city of a hundred homes."""
    counts = ((0, 12), (1, 30), (2, 40), (3, 18))
    curve = [{"radius_m": metres, "homes": metres // 50, "alone": metres // 200} for metres in (500, 1000, 2000)]
    reach = {"code": "S1", "name_zh": "成府路店", "name_en": "Chengfu", "homes": 60, "alone": 9, "farthest_m": 1900}
    return {
        "at": None, "homes": 100, "covered": [{"stores": n, "homes": h, "share": h / 100} for n, h in counts],
        "stores": [{"store_id": STORE_ID, "area_km2": 3.8, **reach}], "cell_m": 150.0,
        "map": {"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"kind": "gap", "homes": 12, "unserved": 12}, "geometry": square(116.34)},
        ]},
        "gain": {"store_id": STORE_ID, "radius_m": 2000, "homes_before": 60, "homes_after": 72, "newly_served": 10,
                 "no_longer_served": 1, "curve": curve} if gain else None,
    }  # fmt: skip


def rules(version: int, *, state: str = "draft", in_force: bool = False) -> dict[str, Any]:
    """A version of the sourcing rules."""
    return {
        "id": f"01976b2e-6f00-7abc-8def-0000000000e{version}", "version": version, "state": state, "note": "",
        "document": {"sort": ["score"], "sections": []}, "made_by": None, "made_at": soon(-60),
        "applies_at": soon(-30) if in_force else None, "in_force": in_force,
    }  # fmt: skip


LANGUAGE = {
    "settings": [
        {"name": "farthest_m", "default": 12_000, "order_wide": False},
        {"name": "most_shipments", "default": 2, "order_wide": True},
    ],
    "facts": ["distance_m", "backlog_s", "goods_fen"],
    "operators": ["over", "under", "is"],
    "sorts": ["score", "promise"],
    "channels": ["app"],
    "methods": ["delivery", "pickup"],
}


def rules_preview() -> dict[str, Any]:
    """Yesterday by the new rules: one order of ten would have gone elsewhere."""
    changed = {"order_id": ORDER_ID, "order_no": "K7Q2-M9XA", "before": [STORE_ID], "after": [OTHER_ID]}
    return {
        "day": "2026-03-01", "decisions": 10, "same": 9, "moved": 1, "lost": 0, "promise_before_s": 1500,
        "promise_after_s": 1440, "cost_before_fen": 4000, "cost_after_fen": 3900, "fee_before_fen": 3000,
        "fee_after_fen": 3000, "parcels_before": 10, "parcels_after": 10, "complete": True,
        "of": 14, "next": None, "promises_before_s": [1500], "promises_after_s": [1440], "refused": 4, "won": 1, "won_fen": 5200,
        "gained": [{"asked_at": soon(-90_000), "cause": "too_far", "goods_fen": 5200, "after": [OTHER_ID], "promise_s": 2400}],
        "changed": [changed | {"promise_before_s": 1800, "promise_after_s": 1500}],
    }  # fmt: skip


def order() -> dict[str, Any]:
    """A delivered order with one parcel."""
    brief = {
        "id": ORDER_ID, "order_no": "K7Q2-M9XA", "channel": "app", "method": "delivery", "state": "delivered",
        "placed_at": soon(-3000), "promise_by": soon(-600), "delivered_at": soon(-900), "late_s": -300,
        "total_fen": 2880, "store_ids": [STORE_ID], "moved": False,
    }  # fmt: skip
    plan = {
        "pick_start_at": soon(-2900), "pick_end_at": soon(-2600), "ready_at": soon(-2600), "rider_at": soon(-2300),
        "expected_at": soon(-1000), "arrive_from": soon(-1500), "arrive_by": soon(-600),
    }  # fmt: skip
    happened = {"paid_at": soon(-2950), "picked_at": soon(-2500), "delivered_at": soon(-900)}
    shipment = {"id": "sh1", "leg": 1, "attempt": 1, "store_id": STORE_ID, "state": "delivered"}
    return brief | {
        "lon": 116.33, "lat": 40.0, "reason": None, "history": [],
        "goods": [{"sku": "A-1", "name_zh": "苹果", "name_en": "Apple", "quantity": 2, "picked": 2}],
        "shipments": [shipment | {"created_at": soon(-3000), "plan": plan, "happened": happened}],
    }  # fmt: skip


def why() -> dict[str, Any]:
    """One store chosen, one dearer, one out of stock."""

    def weighed(store_id: str, score_fen: int | None, verdict: str | None = None, **facts: Any) -> dict[str, Any]:
        terms = {} if score_fen is None else {"promise": score_fen - 300, "fee": 300}
        return {"store_id": store_id, "verdict": verdict, "facts": facts, "score_fen": score_fen, "terms": terms}

    third = "01976b2e-6f00-7abc-8def-000000000003"
    considered = [
        weighed(STORE_ID, 900),
        weighed(OTHER_ID, 1150),
        weighed(third, None, "no_stock", short=[{"sku": "A-1", "wanted": 2, "left": 1}]),
    ]
    decision = {
        "rules_version": 3, "readable": True, "decided_at": soon(-3000), "as_decided": True, "taken": 0,
        "ways": [{"parts": [{"store_id": STORE_ID}]}], "runner_up": [OTHER_ID], "difference_fen": 250,
        "difference_by_term": {"promise": 250}, "considered": considered,
    }  # fmt: skip
    tried = {"shipment_id": "sh1", "leg": 1, "attempt": 1, "store_id": STORE_ID, "state": "delivered", "skus": ["A-1"]}
    names = {STORE_ID: "成府路店", OTHER_ID: "五道口店", third: "清华店"}
    return {
        "order_id": ORDER_ID, "order_no": "K7Q2-M9XA",
        "shipments": [tried | {"quantities": [2], "created_at": soon(-3000), "decision": decision}],
        "stores": {key: {"name_zh": name, "name_en": name} for key, name in names.items()},
        "goods": {"A-1": {"name_zh": "苹果", "name_en": "Apple"}},
    }  # fmt: skip


def overview(*, server_at: str) -> dict[str, Any]:
    """A day on which nothing has happened yet."""
    day = {
        "placed": 0, "open": 0, "late": 0, "delivered": 0, "cancelled": 0, "parked": 0, "till_sales": 0, "sold_fen": 0,
        "on_time_percent": None, "median_minutes": None, "promised_minutes": None, "discrepancies": 0, "troubles": 0,
    }  # fmt: skip
    return {"since": server_at, "server_at": server_at, "day": day, "hours": [], "stores": [], "discrepancies": []}

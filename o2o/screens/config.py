"""What this installation is: its map, its city, and in a demo the accounts and doors to try."""

import json
from typing import Any

from fastapi import APIRouter

from o2o.infra import citydata
from o2o.infra.http import Public, ToolsDep
from o2o.kit.wire import Wire
from o2o.orders import pricing

router = APIRouter(prefix="/api", tags=["screens"])

DOORS_SHOWN = 24


class MapOut(Wire):
    """The base map: `bounds` are west, south, east, north; `style` is asked for at `pmtiles_url` by byte ranges."""

    pmtiles_url: str
    bounds: list[float]
    centre: list[float]
    attribution: str


class AccountOut(Wire):
    """A demo account. A customer signs in with the phone and the code that the demo shows."""

    role: str
    name: str
    username: str
    password: str
    phone: str
    name_en: str = ""


class DoorOut(Wire):
    """A door of the demo city, so that a guest need not search the map."""

    lon: float
    lat: float
    address: str


class ConfigOut(Wire):
    """Everything a screen needs to know before anybody signs in.

    `weight_tolerance_pct`: how much heavier than ordered a weighed piece may be charged; a basket counts with it.
    """

    profile: str
    currency: str
    weight_tolerance_pct: int
    city: str
    map: MapOut | None
    accounts: list[AccountOut]
    doors: list[DoorOut]


@router.get("/config", operation_id="config", response_model=ConfigOut, summary="What this is", dependencies=[Public])
def config(tools: ToolsDep) -> ConfigOut:
    """Demo accounts are told only where the profile is a demo's."""
    files = citydata.current(tools.settings.data_dir)
    facts: dict[str, Any] = json.loads(files.facts.read_text()) if files and files.facts.exists() else {}
    shown = None
    if files and files.base_map.exists():
        shown = MapOut(
            pmtiles_url="/map/city.pmtiles",
            bounds=[float(degree) for degree in facts["bounds"]],
            centre=[float(degree) for degree in facts["centre"]],
            attribution="© OpenStreetMap contributors",
        )
    demo = tools.settings.profile == "demo"
    every = citydata.doors(tools.settings.data_dir) if demo and files else ()
    return ConfigOut(
        profile=tools.settings.profile,
        currency="CNY",
        weight_tolerance_pct=pricing.WEIGHT_TOLERANCE_PCT,
        city=str(facts.get("name", "")),
        map=shown,
        accounts=[AccountOut(**account) for account in facts.get("accounts", [])] if demo else [],
        doors=[
            DoorOut(lon=door.place.lon, lat=door.place.lat, address=door.label)
            for door in every[:: max(1, len(every) // DOORS_SHOWN)][:DOORS_SHOWN]
        ],
    )

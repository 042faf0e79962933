"""A browser for the screens. Where none is installed these tests skip, and say how to get one."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import redis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine

from o2o.geo.lonlat import offset
from o2o.identity import sessions
from o2o.infra import citydata
from o2o.infra import settings as settings_module
from o2o.infra.citydata import Door
from o2o.infra.embedded import Addresses
from o2o.infra.roads import StraightRoads
from o2o.infra.tools import Tools
from o2o.kit.clock import utc_now
from o2o.kit.principal import Role
from tests.conftest import Database
from tests.hands import Clock, Worker
from tests.identity.make import PASSWORD, a_member_of_staff
from tests.journeys.town import Town, build
from tests.stores.make import CENTRE
from tests.web import stage
from tests.web.house import House, opened

expect.set_options(timeout=stage.PATIENCE_MS)
KNOWN_AS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first is Chromium without the window around the page, which nobody sees here: a page costs two fifths of what it costs with it."""
CHROMIUM = os.environ.get("O2O_CHROMIUM") or next(filter(None, map(shutil.which, KNOWN_AS)), None)
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Real Chromium, with the flags that give it WebGL without a screen."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium-headless-shell fonts-noto-cjk fonts-noto-color-emoji")
    if not (stage.BUILT / "index.html").exists():
        pytest.skip("the screens are not built: make web")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=stage.FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The built screens, served by the routes that serve them in earnest; there is no base map."""
    with stage.served(Path(tmp_path_factory.mktemp("data"))) as address:
        yield address


@pytest.fixture
def api() -> stage.Api:
    """A server that says what the test tells it."""
    told = stage.Api()
    told.on(
        "GET",
        "/config",
        {"profile": "test", "currency": "CNY", "weight_tolerance_pct": 10, "city": "", "map": None, "accounts": []},
    )
    return told


@pytest.fixture
def show(browser: Browser, site: str, api: stage.Api) -> Iterator[Open]:
    """`show("/rider/", size, signed_in=("rider", account))` opens a screen; a script error on it fails the test."""
    pages: list[Page] = []
    wrong: list[str] = []

    def open_it(
        path: str, size: tuple[int, int], *, signed_in: tuple[str, dict[str, Any]] | None = None, **more: Any
    ) -> Page:
        page = stage.open_page(browser, api, size=size, **more)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if signed_in:
            stage.sign_in(page, *signed_in)
        pages.append(page)
        page.goto(site + path)
        return page

    yield open_it
    for page in pages:
        page.context.close()
    assert wrong == []


@pytest.fixture
def house(browser: Browser, database: Database, tools: Tools, tmp_path: Path) -> Iterator[House]:
    """A house with a real API behind its screens."""
    with opened(database, tools, browser, tmp_path) as found:
        yield found


@pytest.fixture(scope="session")
def _house(
    _engine: Engine, addresses: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, FastAPI]]:
    from o2o.app import create_app

    folder = Path(tmp_path_factory.mktemp("house"))
    files = citydata.fresh(folder)
    street = [
        Door(f"n{n}.{north}", offset(CENTRE, east_m=100 * n + 50, north_m=north), f"{n} 号")
        for n in range(40)
        for north in (0, 600)
    ]
    citydata.save_doors(files, street)
    citydata.publish(folder, files)
    chosen = settings_module.settings().model_copy(update={"data_dir": folder})
    with redis.Redis.from_url(addresses.broker_url, decode_responses=True) as valkey:
        app = create_app(chosen, Tools(engine=_engine, valkey=valkey, roads=StraightRoads(), settings=chosen))
        with stage.serving(app) as address:
            yield address, app


@pytest.fixture
def town(client: TestClient, database: Database, worker: Worker, clock: Clock) -> Town:
    """The town that journeys happen in, at the moment the browser takes it for."""
    clock.set(utc_now())
    with database.sessions() as db:
        people = build(db, now=clock())
    return Town(client=client, database=database, worker=worker, clock=clock, **people)


@pytest.fixture
def real(browser: Browser, _house: tuple[str, FastAPI], town: Town, tools: Tools, clock: Clock) -> Iterator[Open]:
    """Two streets of forty homes each to the east of the near store.

    `real("/hq/stores", Role.HQ, size)` signs somebody in by hand at the real server and opens the screen there.
    """
    address, app = _house
    app.state.clock, app.state.tools = clock, replace(tools, settings=app.state.tools.settings)
    pages: list[Page] = []
    wrong: list[str] = []

    def open_it(path: str, role: Role, size: tuple[int, int], **more: Any) -> Page:
        if role is Role.CUSTOMER:
            return as_customer(path, size, **more)
        name = f"{role.value}-{len(pages)}-real"
        with town.database.sessions() as db:
            a_member_of_staff(
                db,
                role,
                name,
                now=clock(),
                area_ids=[town.area] if role is Role.DISPATCHER else (),
                store_id=town.near if role is Role.CLERK else None,
            )  # type: ignore[list-item]
        page = stage.open_page(browser, None, size=size, **more)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        pages.append(page)
        page.goto(address + path)
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("[name=password]", state="detached")
        return page

    def as_customer(path: str, size: tuple[int, int], **more: Any) -> Page:
        """The town's customer, whose device remembers them."""
        page = stage.open_page(browser, None, size=size, **more)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        pages.append(page)
        with town.database.sessions() as db:
            begun = sessions.begin(db, account_id=uuid.UUID(town.customer["account"]), now=clock())
        assert begun is not None
        account = {"id": town.customer["account"], "role": "customer", "name": "小王", "store_id": None, "area_ids": []}
        stage.sign_in(page, "customer", account, access=begun.access_token, refresh=begun.refresh_token)
        page.goto(address + path)
        return page

    yield open_it
    for page in pages:
        page.context.close()
    assert wrong == []


@pytest.fixture
def listening(_house: tuple[str, FastAPI], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`listening("member:…")` comes back once a screen of `real` hears that channel; what is said before, nobody hears."""
    ears = _house[1].state.ears
    listen, begun = ears.listen, SimpleQueue[str]()

    @asynccontextmanager
    async def noted(channels: tuple[str, ...]) -> AsyncIterator[Any]:
        async with listen(channels) as queue:
            for channel in channels:
                begun.put(channel)
            yield queue

    def waited(channel: str) -> None:
        while begun.get(timeout=stage.PATIENCE_MS / 1_000) != channel:
            pass

    monkeypatch.setattr(ears, "listen", noted)
    return waited


def kept(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for pictures (O2O_PICTURES names a folder)."""
    folder = os.environ.get("O2O_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")

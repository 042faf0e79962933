"""The whole house behind a screen: the real API on the test's database beside the built web app, at the wall's time."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page

from o2o.app import create_app
from o2o.identity import sessions
from o2o.infra.tools import Tools
from o2o.kit.clock import utc_now
from o2o.kit.ids import AreaId
from o2o.kit.principal import Role
from tests.conftest import Database
from tests.dispatch.make import Town
from tests.hands import Clock
from tests.identity.make import a_member_of_staff
from tests.web import stage


class WallClock(Clock):
    """The wall's clock, which a browser shares; `advance` is not to be used."""

    def __call__(self) -> datetime:
        """Now."""
        return utc_now()


@dataclass
class House:
    """An area with a store, served at `address`; people look at it through real screens."""

    town: Town
    address: str
    browser: Browser
    wrong: list[str]
    pages: list[Page]

    def somebody(self, role: Role) -> uuid.UUID:
        """A new account of this area."""
        with self.town.database.sessions() as db:
            return a_member_of_staff(db, role, now=utc_now(), area_ids=[AreaId(self.town.area_id)])

    def a_rider(self, *, east_m: float = 100) -> uuid.UUID:
        """A rider online who can sign in."""
        return self.town.a_rider(east_m=east_m, rider_id=self.somebody(Role.RIDER))

    def show(self, screen: str, account_id: uuid.UUID, size: tuple[int, int], *, language: str = "zh") -> Page:
        """A screen on a device of that size, signed in; a script error on it fails the test."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale={"zh": "zh-CN"}.get(language, language),
            timezone_id="Asia/Shanghai",
            service_workers="block",
            reduced_motion="reduce",
        )
        context.set_default_timeout(stage.PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.add_init_script(self._signed_in(screen, account_id))
        self.pages.append(page)
        page.goto(f"{self.address}/{screen}/?lang={language}")
        return page

    def _signed_in(self, screen: str, account_id: uuid.UUID) -> str:
        """Puts a real session on the device, once: a page that comes back keeps what it has."""
        with self.town.database.sessions() as db:
            begun = sessions.begin(db, account_id=account_id, now=utc_now())
        assert begun is not None
        account = {
            "id": str(account_id),
            "role": screen,
            "name": "小李",
            "store_id": None,
            "area_ids": [str(self.town.area_id)],
        }
        kept = {
            "access": begun.access_token,
            "refresh": begun.refresh_token,
            "until": (utc_now().timestamp() + 500) * 1_000,
            "account": account,
        }
        place, text = f"o2o.session.{screen}", json.dumps(json.dumps(kept))
        return f"localStorage.getItem('{place}') ?? localStorage.setItem('{place}', {text})"


@contextmanager
def opened(database: Database, tools: Tools, browser: Browser, folder: Path) -> Iterator[House]:
    """The house on a free port of this machine, its files in `folder`; it closes its pages."""
    tools = replace(tools, settings=tools.settings.model_copy(update={"data_dir": folder}))
    with stage.serving(create_app(tools.settings, tools)) as address:
        town = Town(database, tools, WallClock(), area_id=uuid.uuid4(), store_id=uuid.uuid4())
        town.on_the_map()
        house = House(town, address, browser, [], [])
        try:
            yield house
        finally:
            for page in house.pages:
                page.context.close()
    assert house.wrong == []

"""A browser for the screens. Where none is installed these tests skip, and say how to get one."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from o2o.infra.tools import Tools
from tests.conftest import Database
from tests.web import stage
from tests.web.house import House, opened

expect.set_options(timeout=20_000)  # maps are drawn by the processor here, two browsers at a time
CHROMIUM = os.environ.get("O2O_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Real Chromium, with the flags that give it WebGL without a screen."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji")
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
    told.on("GET", "/config", {"profile": "test", "currency": "CNY", "city": "", "map": None, "accounts": []})
    return told


@pytest.fixture
def show(browser: Browser, site: str, api: stage.Api) -> Iterator[Open]:
    """`show("/rider/", size, signed_in=("rider", account))` opens a screen; a script error on it fails the test."""
    pages: list[Page] = []
    wrong: list[str] = []

    def open_it(path: str, size: tuple[int, int], *, signed_in: tuple[str, dict[str, Any]] | None = None) -> Page:
        page = stage.open_page(browser, api, size=size)
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

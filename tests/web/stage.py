"""A stage for one screen: the built web app behind the real static routes, and an API that answers what the test told it."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Request, Route

from o2o.screens import web

BUILT = Path(web.__file__).parent / "web"
Answer = dict[str, Any] | list[Any] | Callable[[Request], Any]
PATIENCE_MS = 60_000
"""How long a page is waited for. Screens are drawn by the processor here, beside whatever else it does; what works waits no longer
than it must, and what does not fails all the same."""
CLOSES_WITHIN_S = 5
"""Who still listens to the house then is hung up on."""
ANYWHERE_ELSE = re.compile(r"^(?!http://127\.0\.0\.1[:/]|blob:|data:)")
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # maps are drawn by WebGL all the same; all else is put together at a tenth of the price
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def served(data_dir: Path) -> AbstractContextManager[str]:
    """The built screens on a free port of this machine, by the routes that serve them in earnest."""
    app = FastAPI()
    web.mount(app, built=BUILT, data_dir=data_dir)
    return serving(app)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """An application on a free port of this machine."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=CLOSES_WITHIN_S)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the stage did not open")
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()  # it ends by itself, within its time; going on beside the next test it would fail that one


class Api:
    """What the server says, by verb and path pattern; and what it was told."""

    def __init__(self) -> None:
        self._answers: list[tuple[str, re.Pattern[str], Answer, int, Callable[[], object] | None]] = []
        self.told: list[tuple[str, str, Any, dict[str, str]]] = []
        self.away = False

    def on(
        self, verb: str, path: str, answer: Answer, status: int = 200, *, then: Callable[[], object] | None = None
    ) -> None:
        """Answer like this from now on; `*` stands for one part of a path.

        What a write changes in what is read belongs into its `then`: a page reads again whenever it likes, and one that read
        the new state before anybody pressed the button has no such button any more.
        """
        pattern = re.compile("^/api" + re.escape(path).replace(r"\*", "[^/]+") + "$")
        self._answers.insert(0, (verb, pattern, answer, status, then))

    def writes(self, end: str, *, verb: str = "POST") -> list[Any]:
        """The bodies of writes told so far whose path ends so, in order."""
        return [body for told, path, body, _ in self.told if told == verb and path.endswith(end)]

    def heard(self, page: Page, end: str, times: int = 1, *, verb: str = "POST") -> list[Any]:
        """The same, once there are so many: what was just pressed is told a moment later."""
        if len(self.writes(end, verb=verb)) < times:
            page.wait_for_event("requestfinished", lambda _: len(self.writes(end, verb=verb)) >= times)
        return self.writes(end, verb=verb)

    def handle(self, route: Route) -> None:
        """Play the server for one request."""
        request = route.request
        path = "/" + request.url.split("/", 3)[3].split("?")[0]
        if self.away:
            route.abort("internetdisconnected")
            return
        self.told.append((request.method, path, request.post_data_json if request.post_data else None, request.headers))
        for verb, pattern, answer, status, then in self._answers:
            if verb == request.method and pattern.match(path):
                body = answer(request) if callable(answer) else answer
                if then is not None:
                    then()
                kind = "application/json" if status < 400 else "application/problem+json"
                route.fulfill(status=status, body=json.dumps(body), content_type=kind)
                return
        problem = {"code": "not_found", "title": f"{request.method} {path}", "status": 404}
        route.fulfill(status=404, body=json.dumps(problem), content_type="application/problem+json")


def open_page(
    browser: Browser,
    api: Api | None,
    *,
    size: tuple[int, int],
    language: str = "zh-CN",
    zone: str = "Asia/Shanghai",
    **more: Any,
) -> Page:
    """A page of a device of that size, wired to `api` (None: to the real one); a page that calls anything but this machine fails."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        timezone_id=zone,
        service_workers="block",
        reduced_motion="reduce",  # what slides in is where it will be: a click meant for it finds it
        **more,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()

    def outside(route: Route) -> None:
        raise AssertionError(f"called outside: {route.request.url}")

    page.route(ANYWHERE_ELSE, outside)
    if api is not None:
        page.route("**/api/**", api.handle)
    return page


def scan(page: Page, code: str) -> None:
    """What a hand scanner does: the keys of a code within a few milliseconds, then Enter.

    Keys carry the time at which they were pressed, however long the page takes to hear them: so do these.
    """
    page.evaluate(
        """keys => {
            const began = performance.now()
            keys.forEach((key, nth) => {
                const pressed = new KeyboardEvent('keydown', { key, bubbles: true })
                Object.defineProperty(pressed, 'timeStamp', { value: began + nth * 3 })
                document.body.dispatchEvent(pressed)
            })
        }""",
        [*code, "Enter"],
    )


def sign_in(page: Page, screen: str, account: dict[str, Any], *, access: str = "a", refresh: str = "r") -> None:
    """Put a session on the device, as a sign-in would."""
    kept = {"access": access, "refresh": refresh, "until": 4_000_000_000_000, "account": account}
    page.add_init_script(f"localStorage.setItem('o2o.session.{screen}', {json.dumps(json.dumps(kept))})")

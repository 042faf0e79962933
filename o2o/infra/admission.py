"""Admission: a process that has enough to do says 503 at once, before any work, so that what it has let in still finishes in time.

Beginnings (a quote) are turned away well before what continues them (an order, its payment): a flow once begun can be finished.
"""

from collections.abc import Collection

from prometheus_client import Counter, Gauge
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from o2o.infra.problems import busy

_TURNED_AWAY = Counter("o2o_http_turned_away", "Requests answered 503 at the door")
_INSIDE = Gauge("o2o_http_inside", "Requests being worked on or waiting for a thread", multiprocess_mode="livesum")
_STREAM = "/api/stream"
_ROOM_FOR_BEGINNINGS = 4
"""Beginnings may take one place in so many."""


class Turnstile:
    """Counts who is inside: at most `limit`, and of `beginnings` only while a fourth of that is inside. For one event loop."""

    def __init__(self, *, limit: int, beginnings: Collection[str] = ()) -> None:
        self._limit, self._inside = limit, 0
        self._beginnings, self._room = frozenset(beginnings), max(1, limit // _ROOM_FOR_BEGINNINGS)
        self.busy: Response = busy()

    def enter(self, path: str) -> bool:
        """Whether a request for `path` may come in; who came in must `leave`."""
        if self._inside >= (self._room if path in self._beginnings else self._limit):
            _TURNED_AWAY.inc()
            return False
        self._inside += 1
        _INSIDE.inc()
        return True

    def inside(self) -> int:
        """How many are."""
        return self._inside

    def leave(self) -> None:
        """One is done."""
        self._inside -= 1
        _INSIDE.dec()


class Admission:
    """ASGI middleware: asks the turnstile. What is outside the API and live streams are not counted."""

    def __init__(self, app: ASGIApp, *, turnstile: Turnstile) -> None:
        self._app, self._turnstile = app, turnstile

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api") or scope["path"] == _STREAM:
            await self._app(scope, receive, send)
        elif not self._turnstile.enter(scope["path"]):
            await self._turnstile.busy(scope, receive, send)
        else:
            try:
                await self._app(scope, receive, send)
            finally:
                self._turnstile.leave()

"""Admission: a process that has enough to do says 503 at once, before any work, so that what it has let in still finishes in time.

Beginnings (a quote) are turned away well before what continues them (an order, its payment): a flow once begun can be finished.
"""

from collections.abc import Collection

from prometheus_client import Counter, Gauge
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from o2o.infra.http import busy

_TURNED_AWAY = Counter("o2o_http_turned_away", "Requests answered 503 at the door")
_INSIDE = Gauge("o2o_http_inside", "Requests being worked on or waiting for a thread", multiprocess_mode="livesum")
_OPEN_DOORS = ("/healthz", "/readyz", "/metrics", "/api/stream")
_ROOM_FOR_BEGINNINGS = 4
"""Beginnings may take one place in so many."""


class Admission:
    """ASGI middleware: lets in at most `limit` requests at a time, and of `beginnings` only while a fourth of that is inside.

    Health, metrics and live streams are not counted.
    """

    def __init__(self, app: ASGIApp, *, limit: int, beginnings: Collection[str] = ()) -> None:
        self._app, self._limit, self._inside = app, limit, 0
        self._beginnings, self._room = frozenset(beginnings), max(1, limit // _ROOM_FOR_BEGINNINGS)
        self._busy: Response = busy()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api") or scope["path"] in _OPEN_DOORS:
            await self._app(scope, receive, send)
            return
        if self._inside >= (self._room if scope["path"] in self._beginnings else self._limit):
            _TURNED_AWAY.inc()
            await self._busy(scope, receive, send)
            return
        self._inside += 1
        _INSIDE.inc()
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1
            _INSIDE.dec()

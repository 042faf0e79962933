"""Admission: a process that has enough to do says 503 at once, so that what it has let in still finishes in time."""

from prometheus_client import Counter, Gauge
from starlette.types import ASGIApp, Receive, Scope, Send

from o2o.infra.http import busy

_TURNED_AWAY = Counter("o2o_http_turned_away", "Requests answered 503 at the door")
_INSIDE = Gauge("o2o_http_inside", "Requests being worked on or waiting for a thread", multiprocess_mode="livesum")
_OPEN_DOORS = ("/healthz", "/readyz", "/metrics", "/api/stream")


class Admission:
    """ASGI middleware: lets in at most `limit` requests at a time. Health, metrics and live streams are not counted."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self._app, self._limit, self._inside = app, limit, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api") or scope["path"] in _OPEN_DOORS:
            await self._app(scope, receive, send)
            return
        if self._inside >= self._limit:
            _TURNED_AWAY.inc()
            await busy()(scope, receive, send)
            return
        self._inside += 1
        _INSIDE.inc()
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1
            _INSIDE.dec()

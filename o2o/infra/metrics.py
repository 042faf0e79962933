"""Prometheus numbers of all API processes together, and how long each operation took."""

import os
import time

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest, multiprocess
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = Histogram(
    "o2o_http_seconds",
    "How long a request took",
    ("operation", "status"),
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5),
)


class Watch:
    """How long requests of one operation took; the numbers of each status are looked up once."""

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self._numbers: dict[int, Histogram] = {}

    def saw(self, status: int, seconds: float) -> None:
        """One more request."""
        numbers = self._numbers.get(status)
        if numbers is None:
            numbers = self._numbers[status] = _SECONDS.labels(self._operation, str(status))
        numbers.observe(seconds)


class Timed:
    """ASGI middleware: observes each API request under the name of its operation."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api") or scope["path"] == "/api/stream":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = scope.get("route")
            name = getattr(route, "operation_id", None) or "unknown"
            _SECONDS.labels(name, str(status)).observe(time.perf_counter() - began)


def exposition() -> tuple[bytes, str]:
    """The metrics page and its content type; of every process when PROMETHEUS_MULTIPROC_DIR is set, else of this one."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST

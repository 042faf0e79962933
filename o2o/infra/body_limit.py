"""How much anybody may send: more is answered 413 as a problem, before it is read. A route may take more by its own `max_body_size`."""

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from o2o.infra.problems import problem

MAX_BODY = 256 * 1024


def too_large() -> Response:
    """What who sends too much is answered."""
    return problem(413, "http.413", "The request is too large.", field="body")


class TooLarge(Exception):
    """More came than was allowed, in pieces whose sum nobody told beforehand."""


class BodyLimit:
    """ASGI middleware; `routers` are looked through for routes that take more."""

    def __init__(self, app: ASGIApp, *, routers: Sequence[APIRouter] = (), most: int = MAX_BODY) -> None:
        self._app, self._most = app, most
        routes = (route for router in routers for route in router.routes if isinstance(route, APIRoute))
        self._roomy = [route.path_regex for route in routes if getattr(route, "max_body_size", None) is not None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = next((value for name, value in scope["headers"] if name == b"content-length"), None)
        if told is None:
            await self._counted(scope, receive, send)
        elif told.isdigit() and int(told) > self._most and not self._takes_more(scope):
            await too_large()(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _takes_more(self, scope: Scope) -> bool:
        return any(path.match(scope["path"]) for path in self._roomy)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A body that comes in pieces is counted."""
        size, most, begun = 0, None if self._takes_more(scope) else self._most, False

        async def count() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if most is not None and size > most:
                raise TooLarge
            return message

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, count, watch)
        except TooLarge:
            if begun:
                raise
            await too_large()(scope, receive, send)

"""Lanes: the routes that are asked most. What a handler is given is worked out once, from its signature, when the house opens; a
request then finds its lane by its path and costs one visit to a thread. FastAPI documents such a route as any other, and what is
checked is the same: the caller, the body, the key.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from inspect import signature, unwrap
from time import perf_counter
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends, Header
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.orm import Session
from starlette.datastructures import State
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from o2o.infra import http
from o2o.infra.admission import Turnstile
from o2o.infra.body_limit import MAX_BODY, too_large
from o2o.infra.db import counted, settled
from o2o.infra.hands import Hands
from o2o.infra.http import Allow, Edge, Json, Key, Repeatable
from o2o.infra.metrics import Watch
from o2o.infra.problems import answer_to


class Lane(Edge):
    """`APIRouter(route_class=Lane)`. A route with a place in its path, or whose handler asks for what lanes do not know (a query,
    say), stays an ordinary `Edge`.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        handler = unwrap(endpoint)
        givers = None if self.param_convertors else _givers(handler)
        self.straight = None if givers is None else _Straight(self, handler, givers)


class House(FastAPI):
    """An application whose lanes are asked before its middleware: admission, the size of the body and the clock are theirs too."""

    def open_lanes(self, routers: Sequence[APIRouter], turnstile: Turnstile, hands: Hands) -> None:
        """Requests for a lane of `routers` go straight to it from now on, all others on to the application."""
        found = (route for router in routers for route in router.routes if isinstance(route, Lane))
        self._lanes = {
            (method, lane.path): _Open(lane, lane.straight, self.state, turnstile, hands)
            for lane in found
            if lane.straight is not None
            for method in lane.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lane = self._lanes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if lane is None:
            await super().__call__(scope, receive, send)
        else:
            await lane(scope, receive, send)


class _Open:
    """The ASGI application of one lane, in a house that is open."""

    def __init__(self, route: Lane, straight: "_Straight", state: State, turnstile: Turnstile, hands: Hands) -> None:
        self._path, self._straight, self._state = route.path, straight, state
        self._turnstile, self._hands = turnstile, hands
        self._watch = Watch(route.operation_id or "unknown")
        self._most: int = getattr(route, "max_body_size", None) or MAX_BODY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = perf_counter(), 500
        if not self._turnstile.enter(self._path):
            await self._turnstile.busy(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive)
            status = answer.status_code
            await send({"type": "http.response.start", "status": status, "headers": answer.raw_headers})
            await send({"type": "http.response.body", "body": answer.body})
        finally:
            self._turnstile.leave()
            self._watch.saw(status, perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        body = await _read(receive, self._most)
        if body is None:
            return too_large()
        return await self._hands.do(partial(self._straight.answer, self._state, scope, body, self._turnstile.inside))


class _Asked:
    """One request, as its handler's parameters need it."""

    def __init__(self, state: State, scope: Scope, body: bytes, db: Session) -> None:
        self.state, self.scope, self.body, self.db = state, scope, body, db
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.now: datetime = state.clock()
        self.wrong: list[ErrorDetails] = []

    def header(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1")

    def checked(self, where: tuple[str, ...], read: Callable[[], Any]) -> Any:
        """What was read, or None and a note of what is wrong with it."""
        try:
            return read()
        except ValidationError as error:
            self.wrong += [{**e, "loc": (*where, *e["loc"])} for e in error.errors(include_url=False)]
            return None


_Giver = Callable[[_Asked], Any]
_KEY = TypeAdapter[str](Key)


class _Straight:
    """What a lane does with a request, in one visit to a thread."""

    def __init__(self, route: Lane, handler: Callable[..., Any], givers: dict[str, _Giver]) -> None:
        self._handler, self._givers = handler, givers
        self._status = route.status_code or 200
        self._shape = TypeAdapter(route.response_model) if route.response_model else None

    def answer(self, state: State, scope: Scope, body: bytes, in_hand: Callable[[], int]) -> Response:
        """The handler's answer, committed; or the problem there was. The request is one of those that `in_hand` counts."""
        try:
            with settled(counted(state.tools.engine, in_hand)) as db:
                asked = _Asked(state, scope, body, db)
                given = {name: giver(asked) for name, giver in self._givers.items()}
                if asked.wrong:
                    raise RequestValidationError(asked.wrong)
                return self._shown(self._handler(**given))
        except Exception as error:
            answer = answer_to(error)
            if answer is None:
                raise
            return answer

    def _shown(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        assert self._shape is not None
        content = self._shape.dump_json(self._shape.validate_python(result))
        return Json(content, self._status)


async def _read(receive: Receive, most: int) -> bytes | None:
    """The body; None when it is larger than it may be."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False) and len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
    return body if len(body) <= most else None


def _givers(handler: Callable[..., Any]) -> dict[str, _Giver] | None:
    """For each parameter what gives it its value; None when one is of a kind lanes do not know."""
    hints = get_type_hints(handler, include_extras=True)
    found = {name: _giver(name, hints[name]) for name in signature(handler).parameters}
    # The caller is asked for first, whatever the handler's order: strangers learn nothing about what they sent.
    order = sorted(found, key=lambda name: not isinstance(_marker(hints[name]), Allow))
    givers = {name: giver for name in order if (giver := found[name]) is not None}
    return givers if len(givers) == len(found) else None


def _marker(hint: Any) -> Any:
    """What stands behind an annotated parameter: its dependency, or its `Header`; None for a plain one."""
    marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    marks = tuple(mark for mark in marks if isinstance(mark, (Depends, Header)))
    return (marks[0].dependency if isinstance(marks[0], Depends) else marks[0]) if marks else None


def _giver(name: str, hint: Any) -> _Giver | None:
    marker = _marker(hint)
    if isinstance(marker, Allow):
        return lambda asked: marker.admit(asked.state, asked.db, asked.now, asked.header(b"authorization"))
    if marker in _KNOWN:
        return _KNOWN[marker]
    if isinstance(marker, Header):
        title = name.replace("_", "-")
        return lambda asked: asked.header(title.encode())
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return lambda asked: asked.checked(("body",), lambda: hint.model_validate_json(asked.body))
    return None


def _once(asked: _Asked) -> Repeatable:
    scope = asked.scope
    key = asked.checked(("header", "Idempotency-Key"), lambda: _KEY.validate_python(asked.header(b"idempotency-key")))
    operation = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}"
    return Repeatable(operation, asked.db, key or "", asked.now, asked.body)


_KNOWN: dict[Any, _Giver] = {
    get_args(http.Db)[1].dependency: lambda asked: asked.db,
    get_args(http.Now)[1].dependency: lambda asked: asked.now,
    get_args(http.ToolsDep)[1].dependency: lambda asked: asked.state.tools,
    get_args(http.Raw)[1].dependency: lambda asked: asked.body,
    get_args(http.Once)[1].dependency: _once,
}

"""What every room's HTTP shares: the transaction, the clock, the caller, the idempotent write, and errors as problem+json (RFC 9457)."""

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Annotated, Any

from anyio import CancelScope
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.exceptions import HTTPException

from o2o.infra import idempotency
from o2o.infra.db import is_passing, settled
from o2o.infra.idempotency import Answer, Ticket
from o2o.infra.tools import Tools
from o2o.kit.clock import utc_now
from o2o.kit.errors import Conflict, DomainError, Invalid, NotFound, Refused
from o2o.kit.principal import Principal, Role


# Async on purpose: what never waits needs no thread of its own; each sync dependency costs a hop to one. A fresh session
# has no connection yet, and routes of the class `Edge` give it back settled, so that here nothing is left to wait for.
async def _db(request: Request) -> AsyncIterator[Session]:
    db = Session(request.app.state.tools.engine, expire_on_commit=False)
    try:
        yield db
    except BaseException:
        await _in_thread(db, db.close)
        raise
    await _in_thread(db, partial(_settle, db))


async def _in_thread(db: Session, end: Callable[[], None]) -> None:
    if db.in_transaction():
        with CancelScope(shield=True):
            await run_in_threadpool(end)
    else:
        db.close()


def _settle(db: Session) -> None:
    with settled(db):
        pass


class Edge(APIRoute):
    """A route whose handler and commit run in one visit to a thread: `APIRouter(route_class=Edge)`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        one_visit = endpoint if iscoroutinefunction(endpoint) else _with_commit(endpoint)
        super().__init__(path, one_visit, **options)


def _with_commit(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    def run(**given: Any) -> Any:
        db = next((value for value in given.values() if isinstance(value, Session)), None)
        if db is None:
            return endpoint(**given)
        with settled(db):
            return endpoint(**given)

    return run


async def _now(request: Request) -> datetime:
    clock: Callable[[], datetime] = getattr(request.app.state, "clock", utc_now)
    return clock()


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


# scope="function": the commit happens before the response is sent, so a failed commit is an error the caller sees.
Db = Annotated[Session, Depends(_db, scope="function")]
Now = Annotated[datetime, Depends(_now)]
ToolsDep = Annotated[Tools, Depends(_tools)]


class Unauthenticated(Refused):
    """Sign in first."""

    code = "identity.unauthenticated"


class NotAllowed(Refused):
    """This account may not do that."""

    code = "identity.not_allowed"


def check_area(caller: Principal, area_id: uuid.UUID) -> None:
    """Raises NotAllowed for an area that is not the caller's."""
    if caller.sees_areas is not None and area_id not in caller.sees_areas:
        raise NotAllowed(area_id=area_id)


class Allow:
    """The door-keeper of a route: lets in callers of the given roles, and leaves the principal for the handler."""

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(
        self, request: Request, db: Db, now: Now, authorization: Annotated[str, Header()] = ""
    ) -> Principal:
        state = request.app.state
        believed: Principal | None = state.believe(token=_bearer(authorization), now=now)
        if believed is not None:
            return self._known(believed)
        return await run_in_threadpool(self.admit, state, db, now, authorization)

    def admit(self, state: State, db: Session, now: datetime, authorization: str) -> Principal:
        """Who is calling, if they may.

        Raises:
            Unauthenticated, NotAllowed
        """
        token = _bearer(authorization)
        believed: Principal | None = state.believe(token=token, now=now)
        return self._known(believed if believed is not None else state.authenticate(db, token=token, now=now))

    def _known(self, principal: Principal) -> Principal:
        if principal.role not in self.roles:
            raise NotAllowed(role=principal.role.value)
        return principal


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated()
    return token


async def public() -> None:
    """Declares that anybody may call the route."""


Customer = Annotated[Principal, Depends(Allow(Role.CUSTOMER))]
Clerk = Annotated[Principal, Depends(Allow(Role.CLERK))]
Rider = Annotated[Principal, Depends(Allow(Role.RIDER))]
Dispatcher = Annotated[Principal, Depends(Allow(Role.DISPATCHER, Role.HQ))]
Hq = Annotated[Principal, Depends(Allow(Role.HQ))]
Anyone = Annotated[Principal, Depends(Allow(*Role))]
Public = Depends(public)

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class Repeatable:
    """A write that may be asked for again: done once per caller and key; see `idempotency.once`."""

    def __init__(self, operation: str, db: Session, key: str, now: datetime, body: bytes) -> None:
        self._db, self._key, self._now = db, key, now
        self._mark = idempotency.fingerprint(operation, body)

    def __call__(self, caller: Principal, work: Callable[[], BaseModel], *, status: int = 200) -> Response:
        """Answer with what `work` returned, now or the first time this key came."""
        answer = idempotency.once(
            self._db,
            self.ticket(caller),
            now=self._now,
            work=lambda: Answer(status, work().model_dump(mode="json")),
        )
        return self.told(answer, status=status)

    def ticket(self, caller: Principal) -> Ticket:
        """For work that keeps its own answer."""
        return Ticket(caller.scope, self._key, self._mark)

    def told(self, answer: object, *, status: int) -> Response:
        """What such work returned: an answer of its own, or the stored `Answer`."""
        if not isinstance(answer, Answer):
            return Response(to_json(answer), status, media_type="application/json")
        headers = {"Idempotent-Replay": "true"} if answer.replayed else None
        return Response(to_json(answer.body), answer.status, headers, "application/json")


async def _body(request: Request) -> bytes:
    return await request.body()


async def _once(request: Request, db: Db, now: Now, key: Key, body: Annotated[bytes, Depends(_body)]) -> Repeatable:
    return Repeatable(f"{request.method} {request.url.path}?{request.url.query}", db, key, now, body)


Raw = Annotated[bytes, Depends(_body)]
"""The body as it came."""
Once = Annotated[Repeatable, Depends(_once)]

_STATUS = {NotFound: 404, Conflict: 409, Refused: 403, Invalid: 422}


def problem(status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """An RFC 9457 answer: `code` is stable and for machines, `detail` is for people, the rest are facts."""
    body = {"type": f"urn:o2o:problem:{code}", "title": detail, "status": status, "code": code, **more}
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


def _domain_error(error: DomainError) -> Response:
    status = (
        401 if isinstance(error, Unauthenticated) else next(s for kind, s in _STATUS.items() if isinstance(error, kind))
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    facts = {name: _shown(value) for name, value in error.facts.items()}
    return problem(status, error.code, error.message, headers=headers, **facts)


def _shown(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _shown(item) for name, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _unreadable(error: RequestValidationError) -> Response:
    errors = [
        {
            "field": ".".join(str(part) for part in e["loc"][1:]) or str(e["loc"][0]),
            "code": e["type"],
            "message": e["msg"],
        }
        for e in error.errors()
    ]
    first = errors[0]["field"] if errors else "body"
    return problem(422, "invalid", "The request cannot be read as meant.", field=first, errors=errors[:20])


def _http_error(error: HTTPException) -> Response:
    return problem(error.status_code, f"http.{error.status_code}", str(error.detail), headers=dict(error.headers or {}))


def _database_error(error: DBAPIError) -> Response | None:
    if is_passing(error):
        return busy()
    state = getattr(error.orig, "sqlstate", None)
    if state in {"22P05", "22021"}:
        return problem(422, "invalid.text", "A text contains characters that cannot be kept.", field="body")
    if state == "23505" and "idempotency_keys" in str(error.orig):
        return problem(
            409, idempotency.StillRunning.code, "The same request is still being worked on; ask again in a moment."
        )
    return None


def answer_to(error: Exception) -> Response | None:
    """The problem an error is answered with; None for one that nobody foresaw, which is a bug."""
    match error:
        case DomainError():
            return _domain_error(error)
        case RequestValidationError():
            return _unreadable(error)
        case HTTPException():
            return _http_error(error)
        case DBAPIError():
            return _database_error(error)
        case PoolTimeout():
            return busy()
        case _:
            return None


async def _handle(_: Request, error: Exception) -> Response:
    answer = answer_to(error)
    if answer is None:
        raise error
    return answer


def busy(retry_after_s: int = 1) -> Response:
    """503: nothing was done, try again after a moment."""
    return problem(
        503, "busy", "Too much at once; nothing was done. Try again.", headers={"Retry-After": str(retry_after_s)}
    )


def add_problem_answers(app: FastAPI) -> None:
    """Make every error of `app` a problem+json."""
    for kind in (DomainError, RequestValidationError, HTTPException, DBAPIError, PoolTimeout):
        app.add_exception_handler(kind, _handle)

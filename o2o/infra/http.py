"""What every room's HTTP shares: the transaction, the clock, the caller and whom they speak for, the idempotent write."""

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Annotated, Any

import msgspec
from anyio import CancelScope
from fastapi import Depends, Header, Path, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State

from o2o.infra import idempotency
from o2o.infra.db import settled
from o2o.infra.idempotency import Answer, Ticket
from o2o.infra.tools import Tools
from o2o.kit.errors import Invalid, Refused
from o2o.kit.ids import StoreId
from o2o.kit.principal import Principal, Role
from o2o.kit.wire import Code


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
    now: datetime = request.app.state.clock()
    return now


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


class WhichStore(Invalid):
    """Say which store."""

    code = "identity.which_store"


def store_of(caller: Principal, wanted: uuid.UUID | None = None) -> StoreId:
    """The store that is spoken for: a clerk speaks for the own one alone, head office for the one it names.

    Raises:
        NotAllowed: a clerk asks for another store. WhichStore: head office names none.
    """
    if caller.role is Role.CLERK:
        if caller.store_id is None or wanted not in (None, caller.store_id):
            raise NotAllowed()
        return StoreId(caller.store_id)
    if wanted is None:
        raise WhichStore(field="store_id")
    return StoreId(wanted)


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
Keeper = Annotated[Principal, Depends(Allow(Role.CLERK, Role.HQ))]
"""Who keeps a store; `store_of` says which."""
Anyone = Annotated[Principal, Depends(Allow(*Role))]
Public = Depends(public)

StoreQuery = Annotated[uuid.UUID | None, Query(description="Head office says which store; a clerk has one.")]
SkuPath = Annotated[Code, Path(examples=["DAIRY-001"])]

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class Json(Response):
    """A JSON text that is written already, with the two headers it needs."""

    media_type = "application/json"

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]


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
            return Json(msgspec.json.encode(answer), status)
        told = Json(msgspec.json.encode(answer.body), answer.status)
        if answer.replayed:
            told.headers["Idempotent-Replay"] = "true"
        return told


async def _body(request: Request) -> bytes:
    return await request.body()


async def _once(request: Request, db: Db, now: Now, key: Key, body: Annotated[bytes, Depends(_body)]) -> Repeatable:
    return Repeatable(f"{request.method} {request.url.path}?{request.url.query}", db, key, now, body)


Raw = Annotated[bytes, Depends(_body)]
"""The body as it came."""
Once = Annotated[Repeatable, Depends(_once)]

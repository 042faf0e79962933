"""Live screens by SSE: who may listen to which channel; first what was missed after Last-Event-ID, then what comes.

An event says that something changed and which; the screen reads it again. So no screen shows what the API would not.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from o2o.infra import outbox
from o2o.infra.db import transaction
from o2o.infra.http import NotAllowed, Public, Unauthenticated
from o2o.infra.live import Frame
from o2o.kit.clock import utc_now
from o2o.kit.errors import Invalid
from o2o.kit.principal import Principal, Role
from o2o.orders.models import Order

router = APIRouter(tags=["screens"])

MOST_CHANNELS = 8
LONGEST_S = 900
"""A stream is closed after this; the browser comes back by itself, with its Last-Event-ID and a fresh token."""
REPLAY_MOST = 1_000


class BadChannel(Invalid):
    """A channel is written kind:id, such as order:0190…"""

    code = "stream.bad_channel"


@router.get(
    "/api/stream",
    operation_id="stream",
    summary="Live events of some channels (SSE)",
    response_class=EventSourceResponse,
    dependencies=[
        Public
    ],  # a browser's EventSource cannot send a header: the token may come in the query, checked below
)
async def stream(
    request: Request,
    channels: Annotated[str, Query(min_length=1, max_length=500)],
    token: Annotated[str, Query(max_length=2_000)] = "",
    authorization: Annotated[str, Header()] = "",
    last_event_id: Annotated[int, Header(ge=0)] = 0,
) -> EventSourceResponse:
    """Frames `{name, channel, payload, at}` with the event's `seq` as id; `reload` means: too much was missed."""
    wanted = tuple(dict.fromkeys(channels.split(",")))[:MOST_CHANNELS]
    bearer = token or authorization.removeprefix("Bearer ").strip()
    await run_in_threadpool(_check, request, bearer, wanted)
    return EventSourceResponse(_frames(request, wanted, last_event_id), ping=15)


def _check(request: Request, token: str, channels: tuple[str, ...]) -> None:
    if not token:
        raise Unauthenticated()
    with transaction(request.app.state.tools.engine) as db:
        caller: Principal = request.app.state.authenticate(db, token=token, now=utc_now())
        for channel in channels:
            if not _may_listen(db, caller, channel):
                raise NotAllowed(channel=channel)


def _may_listen(db: Session, caller: Principal, channel: str) -> bool:
    kind, _, raw = channel.partition(":")
    try:
        which = uuid.UUID(raw)
    except ValueError:
        raise BadChannel(field="channels", channel=channel) from None
    match kind:
        case "order":
            return caller.role is Role.HQ or _owns_order(db, caller, which)
        case "store":
            return caller.role is Role.HQ or caller.store_id == which
        case "rider" | "member":
            return caller.account_id == which
        case "area":
            return caller.role is Role.HQ or which in caller.area_ids
    raise BadChannel(field="channels", channel=channel)


def _owns_order(db: Session, caller: Principal, order_id: uuid.UUID) -> bool:
    mine = select(Order.id).where(Order.id == order_id, Order.member_id == caller.account_id)
    return caller.role is Role.CUSTOMER and db.scalar(mine) is not None


async def _frames(request: Request, channels: tuple[str, ...], last_seq: int) -> AsyncIterator[ServerSentEvent]:
    async with request.app.state.ears.listen(channels) as queue:
        # Said once it is so: whoever hears it reads everything anew, and misses nothing from then on.
        yield ServerSentEvent(comment="listening", retry=1_000)
        if last_seq:
            missed = await run_in_threadpool(_missed, request, channels, last_seq)
            if len(missed) >= REPLAY_MOST:
                yield ServerSentEvent(event="reload", data="{}")
                return
            for old in missed:
                last_seq = max(last_seq, old.seq or 0)
                yield _event(old)
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST_S
        while (left := until - loop.time()) > 0:
            try:
                frame = await asyncio.wait_for(queue.get(), left)
            except TimeoutError:
                return
            if frame is None:
                return
            if frame.seq is None or frame.seq > last_seq:
                yield _event(frame)


def _missed(request: Request, channels: tuple[str, ...], last_seq: int) -> list[Frame]:
    with transaction(request.app.state.tools.engine) as db:
        sent = outbox.since(db, after_seq=last_seq, channels=channels, limit=REPLAY_MOST)
    return [
        Frame(seq=s.seq, name=s.event.name, channel=channel, payload=s.event.payload(), at=s.at.isoformat())
        for s in sent
        for channel in s.channels
        if channel in channels
    ]


def _event(frame: Frame) -> ServerSentEvent:
    data = {"name": frame.name, "channel": frame.channel, "payload": frame.payload, "at": frame.at}
    return ServerSentEvent(data=json.dumps(data), event="change", id=None if frame.seq is None else str(frame.seq))

"""Live channels over Valkey: the relay publishes, every API process listens once and hands frames to its screens."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
import redis.asyncio

from o2o.infra.outbox import Sent

_PREFIX = "live:"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a screen hears: which thing changed. `seq` is None for what is never replayed (a rider's position)."""

    seq: int | None
    name: str
    channel: str
    payload: dict[str, Any]
    at: str


def publish(valkey: "redis.Redis", sent: Sent) -> None:
    """Tell every channel of a committed event."""
    frame = {"seq": sent.seq, "name": sent.event.name, "payload": sent.event.payload(), "at": sent.at.isoformat()}
    said = json.dumps(frame)
    for channel in sent.channels:
        valkey.publish(_PREFIX + channel, said)


def publish_fleeting(valkey: "redis.Redis", *, channel: str, name: str, payload: dict[str, Any], at: datetime) -> None:
    """Tell a channel something that only matters now."""
    valkey.publish(_PREFIX + channel, json.dumps({"seq": None, "name": name, "payload": payload, "at": at.isoformat()}))


class Ears:
    """One listener a process. `listen` gives a bounded queue of frames for a set of channels; a screen too slow is told to reload."""

    def __init__(self, broker_url: str) -> None:
        self._client = redis.asyncio.from_url(broker_url, decode_responses=True)
        self._queues: dict[str, set[asyncio.Queue[Frame | None]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop listening and let every screen go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for queues in self._queues.values():
            for queue in queues:
                _put_last(queue)
        await self._client.aclose()

    @asynccontextmanager
    async def listen(self, channels: tuple[str, ...]) -> AsyncIterator["asyncio.Queue[Frame | None]"]:
        """A queue that fills with frames of `channels`; None in it means: reconnect, you missed some."""
        queue: asyncio.Queue[Frame | None] = asyncio.Queue(maxsize=256)
        for channel in channels:
            self._queues[channel].add(queue)
        try:
            yield queue
        finally:
            for channel in channels:
                self._queues[channel].discard(queue)
                if not self._queues[channel]:
                    del self._queues[channel]

    async def _run(self) -> None:
        while True:
            try:
                async with self._client.pubsub() as ear:
                    await ear.psubscribe(_PREFIX + "*")
                    async for message in ear.listen():
                        if message["type"] == "pmessage":
                            self._hand_out(message["channel"].removeprefix(_PREFIX), json.loads(message["data"]))
            except (redis.ConnectionError, redis.TimeoutError):
                await asyncio.sleep(1)
                for queues in list(self._queues.values()):
                    for queue in list(queues):
                        _put_last(queue)

    def _hand_out(self, channel: str, data: dict[str, Any]) -> None:
        frame = Frame(seq=data["seq"], name=data["name"], channel=channel, payload=data["payload"], at=data["at"])
        for queue in list(self._queues.get(channel, ())):
            try:
                queue.put_nowait(frame)
            except asyncio.QueueFull:
                _put_last(queue)


def _put_last(queue: "asyncio.Queue[Frame | None]") -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)

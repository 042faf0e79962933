"""The load, a process of its own: keep-alive connections in one event loop that quote, place and pay, and note how long each took.

Its input is one JSON line on stdin, its answer one on stdout. It reads the clock of one process only, and
does as little as it can: what it takes of the machine the house has not.
"""

import asyncio
import hmac
import random
import resource
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, cast

import msgspec
import uvloop

from o2o.infra.settings import DEMO_SECRET

DEFINITE = {200, 201, 202, 204, 409, 503}
STEPS = ("quote", "place", "pay")


class Line(asyncio.Protocol):
    """One connection, one request at a time. Only what our API answers is understood: a length, no chunks."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiter: asyncio.Future[tuple[int, bytes, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        length = int(header(head, b"content-length"))
        if len(self._buffer) < end + 4 + length:
            return
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result((int(head[9:12]), head, body))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionResetError())

    @property
    def open(self) -> bool:
        """Whether it can still carry a request."""
        return self._transport is not None

    async def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Send one request and wait for its answer: status, head in lower case, body."""
        if self._transport is None:
            raise ConnectionResetError
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiter

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def header(head: bytes, name: bytes) -> str:
    """A header's value in a head of lower case; "0" where it is not there."""
    _, found, rest = head.partition(b"\r\n" + name + b":")
    return rest.partition(b"\r\n")[0].decode() if found else "0"


class Notes:
    """What was seen: seconds of each step that was answered, statuses, finished flows with the moment they ended."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {name: [] for name in (*STEPS, "refused")}
        self.statuses: Counter[str] = Counter()
        self.finished: list[float] = []
        self.acknowledged: list[str] = []
        self.problems: Counter[str] = Counter()


def post(path: str, body: bytes, *headers: str) -> bytes:
    """A request as bytes."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join([*lines, *headers]) + "\r\n\r\n").encode() + body


def signed(body: bytes) -> bytes:
    """A provider's notice."""
    at = int(time.time())
    mark = hmac.digest(DEMO_SECRET.encode(), f"{at}.".encode() + body, "sha256").hex()
    return post("/api/payments/webhooks/sandbox", body, f"X-Timestamp: {at}", f"X-Signature: {mark}")


def notice(placed: dict[str, Any]) -> bytes:
    """The body that says an order's money is held."""
    told = {
        "id": uuid.uuid4().hex, "kind": "authorised", "merchant": "o2o-demo", "ref": placed["pay_ref"],
        "amount_fen": placed["total_fen"], "currency": "CNY",
    }  # fmt: skip
    return msgspec.json.encode(told)


ADDRESS = {"text": "建国路 1 号", "name": "王小明", "phone": "13812345678", "detail": "3-502"}


class Customer:
    """One connection's worth of customers."""

    def __init__(self, port: int, city: dict[str, Any], seed: int, notes: Notes, until: float) -> None:
        self._port, self._city, self._notes, self._until = port, city, notes, until
        self._dice = random.Random(seed)
        self._line = Line()

    async def connect(self) -> None:
        """Open the connection."""
        _, self._line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", self._port)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    async def flows(self) -> None:
        """Quote, place, pay, again and again until the time is over."""
        while time.perf_counter() < self._until:
            if await self._flow():
                self._notes.finished.append(time.perf_counter())

    async def _flow(self) -> bool:
        dice, city = self._dice, self._city
        _, lon, lat = dice.choice(city["stores"])
        bearer = f"Authorization: Bearer {dice.choice(city['tokens'])}"
        share = len(city["skus"]) // city["lines"]
        basket = [city["skus"][nth * share + dice.randrange(share)] for nth in range(city["lines"])]
        wish = {
            "lines": [{"sku": sku, "quantity": 1} for sku in basket],
            "method": "delivery",
            "point": {"lon": lon + dice.uniform(-0.008, 0.008), "lat": lat + dice.uniform(-0.006, 0.006)},
        }
        status, quoted = await self._step("quote", lambda: post("/api/quotes", msgspec.json.encode(wish), bearer))
        if status != 200 or city["quotes_only"]:
            return status == 200
        order = msgspec.json.encode({"quote": quoted["quote"], "address": ADDRESS})
        key = f"Idempotency-Key: {uuid.uuid4().hex}"
        status, placed = await self._step("place", lambda: post("/api/orders", order, bearer, key))
        if status != 201:
            return False
        self._notes.acknowledged.append(placed["order_id"])
        told = notice(placed)
        status, _ = await self._step("pay", lambda: signed(told))
        return status == 200

    async def _step(self, name: str, request: Callable[[], bytes]) -> tuple[int, dict[str, Any]]:
        """Ask until there is an answer that is not 503, waiting as Retry-After says; give up when the time is over."""
        while True:
            began = time.perf_counter()
            try:
                status, head, body = await self._line.ask(request())
            except ConnectionError:
                self._notes.statuses[f"{name} lost"] += 1
                await self.connect()
                return 0, {}
            took = time.perf_counter() - began
            self._notes.statuses[f"{name} {status}"] += 1
            if status == 503:
                self._notes.seconds["refused"].append(took)
                if time.perf_counter() > self._until:
                    return status, {}
                await asyncio.sleep(float(header(head, b"retry-after")) * self._dice.uniform(0.5, 1.5))
                continue
            self._notes.seconds[name].append(took)
            answer: dict[str, Any] = msgspec.json.decode(body)
            if status >= 400:
                self._notes.problems[f"{name} {answer.get('code')}"] += 1
            return status, answer


async def load(asked: dict[str, Any]) -> dict[str, Any]:
    """Warm up, then measure."""
    notes, city = Notes(), asked["city"]
    warm_until = time.perf_counter() + asked["warm_s"]
    until = warm_until + asked["seconds"]
    customers = [
        Customer(asked["ports"][nth % len(asked["ports"])], city, asked["seed"] * 1_000 + nth, notes, until)
        for nth in range(asked["clients"])
    ]
    for one in customers:
        await one.connect()

    async def begin_anew() -> None:
        await asyncio.sleep(warm_until - time.perf_counter())
        for seconds in notes.seconds.values():
            seconds.clear()
        notes.finished.clear()
        notes.statuses.clear()

    used: list[float] = []

    async def note_cpu() -> None:
        await asyncio.sleep(max(0.0, warm_until - time.perf_counter()))
        used.append(_cpu_s())

    jobs: list[Coroutine[Any, Any, None]] = [one.flows() for one in customers]
    await asyncio.gather(begin_anew(), note_cpu(), *jobs)
    for one in customers:
        one.close()
    in_time = sum(at <= until for at in notes.finished)
    return {
        "flows": in_time,
        "seconds": asked["seconds"],
        "flows_per_s": round(in_time / asked["seconds"], 2),
        "milliseconds": {name: quantiles(seconds) for name, seconds in notes.seconds.items() if seconds},
        "statuses": dict(sorted(notes.statuses.items())),
        "problems": dict(notes.problems),
        "indefinite": sum(
            n for name, n in notes.statuses.items() if not name[-3:].isdigit() or int(name[-3:]) not in DEFINITE
        ),
        "load_cpu_s": round(_cpu_s() - used[0], 2),
    }


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def quantiles(seconds: list[float]) -> dict[str, float]:
    """p50, p95, p99 and the worst, in milliseconds."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(1_000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "worst": at(1.0)}


def main() -> None:
    """Reads what is asked, runs it, says what was seen."""
    told = uvloop.run(load(msgspec.json.decode(sys.stdin.readline())))
    print(msgspec.json.encode(told).decode(), flush=True)


if __name__ == "__main__":
    main()

"""One place after another on one SKU, a process of its own. Quotes are asked beforehand, outside the measured time.

Input one JSON line on stdin, answer one on stdout. Every attempt is accepted or refused; what is in between is counted too.
"""

import asyncio
import json
import random
import sys
import time
import uuid
from collections import Counter
from typing import Any

import uvloop

from bench.checkout_load import ADDRESS, DEFINITE, Line, header, post, quantiles

REFRESH_S = 200
"""A quote is good for five minutes."""


class Rush:
    """Connections that take from one pile of attempts until it is empty or the time is over."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._asked = asked
        self._dice = random.Random(asked["seed"])
        self.quotes: list[tuple[str, str]] = []
        """(bearer, body of the acceptance): a quote may be accepted again and again by whom it was given to."""
        self.attempts = 0
        self.statuses: Counter[str] = Counter()
        self.ended: list[tuple[float, int, float]] = []
        """(when, status, how long) of each answered attempt, in the order of the answers."""

    async def prepare(self, line: Line) -> None:
        """Quotes for some customers; they stand for five minutes."""
        store = self._asked["city"]["stores"][0]
        wish = {
            "lines": [{"sku": self._asked["sku"], "quantity": 1}], "method": "pickup", "store_id": store[0],
            "point": {"lon": store[1], "lat": store[2]},
        }  # fmt: skip
        fresh = []
        for token in self._asked["city"]["tokens"][: self._asked["people"]]:
            bearer = f"Authorization: Bearer {token}"
            status, _, body = await line.ask(post("/api/quotes", json.dumps(wish).encode(), bearer))
            if status == 200:
                fresh.append((bearer, json.dumps({"quote": json.loads(body)["quote"], "address": ADDRESS})))
        self.quotes = fresh or self.quotes

    async def keep_fresh(self, line: Line) -> None:
        """Ask again before the quotes run out; where it is sold out by then, the old ones are all there is."""
        while True:
            await asyncio.sleep(REFRESH_S)
            await self.prepare(line)

    async def place(self, line: Line, port: int, until: float) -> None:
        """Attempts over one connection."""
        while self.attempts < self._asked["attempts"] and time.perf_counter() < until:
            self.attempts += 1
            bearer, body = self._dice.choice(self.quotes)
            key = f"Idempotency-Key: {uuid.uuid4().hex}"
            request = post("/api/orders", body.encode(), bearer, key)
            while True:
                began = time.perf_counter()
                try:
                    status, head, _ = await line.ask(request)
                except ConnectionError:
                    # The same key again: whatever became of the lost answer, the order stands once.
                    self.statuses["lost"] += 1
                    line = (await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", port))[1]
                    continue
                now = time.perf_counter()
                self.statuses[str(status)] += 1
                if status != 503:
                    self.ended.append((now, status, now - began))
                    break
                await asyncio.sleep(float(header(head, b"retry-after")) * self._dice.uniform(0.2, 0.6))


async def load(asked: dict[str, Any]) -> dict[str, Any]:
    """Prepare, rush, count."""
    rush, ports = Rush(asked), asked["ports"]
    loop = asyncio.get_running_loop()
    lines: list[tuple[Line, int]] = []
    for nth in range(asked["clients"]):
        port = ports[nth % len(ports)]
        lines.append(((await loop.create_connection(Line, "127.0.0.1", port))[1], port))
    spare = (await loop.create_connection(Line, "127.0.0.1", ports[0]))[1]
    await rush.prepare(spare)
    if not rush.quotes:
        raise RuntimeError("nothing was quoted")
    fresh = asyncio.create_task(rush.keep_fresh(spare))
    began = time.perf_counter()
    until = began + asked["seconds"]
    await asyncio.gather(*(rush.place(line, port, until) for line, port in lines))
    fresh.cancel()
    for line in [spare, *(line for line, _ in lines)]:
        line.close()
    return report(rush, began, asked["attempts"])


def report(rush: Rush, began: float, wanted: int) -> dict[str, Any]:
    """What happened, the first and the last tenth of all answers beside each other."""
    ended = rush.ended
    tenth = max(1, len(ended) // 10)
    first_s, last_s = ended[tenth - 1][0] - began, ended[-1][0] - ended[-tenth - 1][0]
    sold = [entry for entry in ended if entry[1] == 201]
    refused = [took for _, status, took in ended if status == 409]
    took_s = ended[-1][0] - began
    return {
        "attempts": len(ended), "attempts_wanted": wanted, "seconds": round(took_s, 2), "accepted": len(sold),
        "accepted_per_s": round(len(sold) / ((sold[-1][0] - began) if sold else 1), 1),
        "attempts_per_s": round(len(ended) / took_s, 1),
        "first_tenth_s": round(first_s, 3), "last_tenth_s": round(last_s, 3), "last_to_first": round(last_s / first_s, 3),
        "accepted_ms": quantiles([took for _, _, took in sold]) if sold else None,
        "refused_ms": quantiles(refused) if refused else None,
        "statuses": dict(rush.statuses),
        "indefinite": sum(n for status, n in rush.statuses.items() if status == "lost" or int(status) not in DEFINITE),
    }  # fmt: skip


def main() -> None:
    """Reads what is asked, runs it, says what was seen."""
    print(json.dumps(uvloop.run(load(json.loads(sys.stdin.readline())))), flush=True)


if __name__ == "__main__":
    main()

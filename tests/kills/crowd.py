"""Customers who never give up: what they ask is repeated with the same key until there is a definite answer."""

import hashlib
import hmac
import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.checkout_house import City
from o2o.infra.settings import DEMO_SECRET

LOST = (OSError, http.client.HTTPException)
PAUSE_S = 0.1
LOOKS_AROUND_S = 0.4
"""At most, between two orders: eight customers keep a small machine busy, and leave the worker the time to follow."""
ENOUGH_S = 60
"""Who has no definite answer after so long is not asked any more, once the run is over: that is a finding, not a reason to wait."""
ADDRESS = {"text": "建国路 1 号", "name": "王小明", "phone": "13812345678"}


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An order the house has said yes to, and when that was first asked and answered (monotonic seconds)."""

    order_id: str
    asked_at: float
    answered_at: float


class _Left(Exception):
    """The run was broken off: nobody waits for an answer any more."""


class Crowd:
    """Threads that quote, place and pay against whichever API answers."""

    def __init__(self, city: City, ports: Sequence[int], *, people: int, seed: int) -> None:
        self.placed: list[Acknowledged] = []
        self.paid: list[str] = []
        self.refused: Counter[str] = Counter()
        """By code; a basket with a good that is sold out, say."""
        self.strange: list[str] = []
        self.news = threading.Condition()
        self._city, self._ports = city, list(ports)
        self._over, self._leave = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=self._shop, args=(seed * 100 + nth,), daemon=True) for nth in range(people)
        ]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, broken_off: object, *_: object) -> None:
        """Whoever has asked gets an answer first, unless the run was broken off."""
        self._over.set()
        if broken_off is not None:
            self._leave.set()
        until = time.monotonic() + ENOUGH_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self.strange += [f"{thread.name} has no answer" for thread in self._threads if thread.is_alive()]
        self._leave.set()

    def next_order(self, asked_after: float, within_s: float) -> float | None:
        """When the first of the orders asked for after a moment was acknowledged; None when none was in time."""
        until = asked_after + within_s
        with self.news:
            while True:
                found = [one.answered_at for one in self.placed if one.asked_at > asked_after]
                if found:
                    return min(found)
                if not self.news.wait(max(0.0, until - time.monotonic())) and time.monotonic() >= until:
                    return None

    def _shop(self, seed: int) -> None:
        shopper = _Shopper(random.Random(seed), self._ports, self._leave)
        try:
            while not self._over.is_set():
                self._order(shopper)
                self._over.wait(shopper.dice.uniform(0, LOOKS_AROUND_S))
        except _Left:
            pass
        except Exception as error:
            self.strange.append(repr(error))
            raise
        finally:
            shopper.close()

    def _order(self, shopper: "_Shopper") -> None:
        dice, city = shopper.dice, self._city
        _, lon, lat = dice.choice(city.stores)
        bearer = {"Authorization": f"Bearer {dice.choice(city.tokens)}"}
        wish = {
            "lines": [{"sku": sku, "quantity": dice.randint(1, 2)} for sku in dice.sample(city.skus, 2)],
            "point": {"lon": lon, "lat": lat},
        }
        status, quoted = shopper.ask("/api/quotes", json.dumps(wish).encode(), bearer)
        if status != 200:
            self._refusal(status, quoted)
            return
        asked_at = time.monotonic()
        body = json.dumps({"quote": quoted["quote"], "address": ADDRESS}).encode()
        status, placed = shopper.ask("/api/orders", body, bearer | {"Idempotency-Key": uuid.uuid4().hex})
        if status != 201:
            self._refusal(status, placed)
            return
        with self.news:
            self.placed.append(Acknowledged(placed["order_id"], asked_at, time.monotonic()))
            self.news.notify_all()
        notice = {
            "id": uuid.uuid4().hex, "kind": "authorised", "merchant": "o2o-demo", "ref": placed["pay_ref"],
            "amount_fen": placed["total_fen"], "currency": "CNY",
        }  # fmt: skip
        told = json.dumps(notice).encode()
        status, answer = shopper.ask("/api/payments/webhooks/sandbox", told, _signature(told))
        if status == 200:
            self.paid.append(placed["order_id"])
        else:
            self._refusal(status, answer)

    def _refusal(self, status: int, answer: dict[str, Any]) -> None:
        if status == 409:
            self.refused[str(answer.get("code"))] += 1
        else:
            self.strange.append(f"{status} {answer}")


def _signature(body: bytes) -> dict[str, str]:
    at = int(time.time())
    mark = hmac.new(DEMO_SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Timestamp": str(at), "X-Signature": mark}


class _Shopper:
    """One customer's connection, to one API until that is lost, then to another."""

    def __init__(self, dice: random.Random, ports: Sequence[int], leave: threading.Event) -> None:
        self.dice, self._ports, self._leave = dice, ports, leave
        self._nth = dice.randrange(len(ports))
        self._line = self._fresh()

    def _fresh(self) -> http.client.HTTPConnection:
        self._nth += 1
        return http.client.HTTPConnection("127.0.0.1", self._ports[self._nth % len(self._ports)], timeout=10)

    def ask(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The first answer that says yes or no; 503, a request still running and a lost line are asked again."""
        while not self._leave.is_set():
            try:
                self._line.request("POST", path, body, {"Content-Type": "application/json", **headers})
                response = self._line.getresponse()
                answer: dict[str, Any] = json.loads(response.read())
            except LOST:
                self._line.close()
                self._line = self._fresh()
                self._leave.wait(PAUSE_S)
                continue
            if response.status == 503 or answer.get("code") == "idempotency.still_running":
                self._leave.wait(PAUSE_S)
                continue
            return response.status, answer
        raise _Left

    def close(self) -> None:
        """Hang up."""
        self._line.close()

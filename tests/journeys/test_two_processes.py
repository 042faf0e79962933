"""Customers, tills, counts and transfers that meet at two API processes: real HTTP, real connections, a barrier, exact counts.

Within a process those who place at the same moment go to the database in one statement, so companies meet companies here, and
whoever else wants the same shelf.
"""

import os
import socket
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from fastapi.testclient import TestClient

from o2o.infra.embedded import Addresses
from o2o.inventory.lines import Line
from o2o.inventory.shelf import counting
from o2o.inventory.supply import transfers
from o2o.kit import ids
from o2o.kit.clock import utc_now
from o2o.kit.errors import Conflict
from tests.conftest import Database
from tests.hands import Clock, Worker
from tests.journeys.town import ADDRESS, BREAD, MILK, Json, Town, build

PATIENCE_S = 60
Work = Callable[[], tuple[int, Json]]


@pytest.fixture(scope="module")
def doors(addresses: Addresses) -> Iterator[list[httpx.Client]]:
    """Two API processes on free ports of this machine, at the real time."""
    env = {
        **os.environ,
        "O2O_DATABASE_URL": addresses.database_url,
        "O2O_BROKER_URL": addresses.broker_url,
        "O2O_ADMITTED": "96",
        "O2O_LOCK_TIMEOUT_MS": "0",  # whoever meets here waits as long as the machine takes
    }
    with ExitStack() as open_now:
        clients = [open_now.enter_context(_door(env)) for _ in range(2)]
        for client in clients:
            client.get("/config").raise_for_status()
        yield clients


@contextmanager
def _door(env: Mapping[str, str]) -> Iterator[httpx.Client]:
    """An API process behind a socket that is open before it: nobody takes its port, and who asks early waits for it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = (sys.executable, "-m", "uvicorn", "o2o.app:create_app", "--factory", "--log-level", "error")
        process = subprocess.Popen([*command, "--fd", str(listening.fileno())], env=env, pass_fds=[listening.fileno()])
        port = listening.getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api", timeout=PATIENCE_S) as client:
            yield client
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def town(client: TestClient, database: Database, worker: Worker, clock: Clock) -> Town:
    """The town that journeys happen in, at the real time."""
    clock.set(utc_now())
    with database.sessions() as db:
        people = build(db, now=clock())
    return Town(client=client, database=database, worker=worker, clock=clock, **people)


def _asked(town: Town, *lines: tuple[str, int], key: str | None = None) -> tuple[Json, dict[str, str]]:
    quote = town.quote(*lines, method="pickup", store_id=str(town.near))["quote"]
    headers = {**town.headers(town.customer), "Idempotency-Key": key or uuid.uuid4().hex}
    return {"quote": quote, "address": ADDRESS}, headers


def _telling(door: httpx.Client, path: str, body: Json, headers: dict[str, str]) -> Work:
    def work() -> tuple[int, Json]:
        answer = door.post(path, json=body, headers=headers)
        return answer.status_code, answer.json()

    return work


def _placing(town: Town, door: httpx.Client, *lines: tuple[str, int]) -> Work:
    return _telling(door, "/orders", *_asked(town, *lines))


def _selling(town: Town, door: httpx.Client, quantity: int) -> Work:
    sale = {
        "sale_id": str(uuid.uuid4()), "items": [{"sku": MILK, "quantity": quantity}], "tender": "cash", "at": utc_now().isoformat(),
    }  # fmt: skip
    headers = {**town.headers(town.clerks[town.near]), "Idempotency-Key": uuid.uuid4().hex}
    return _telling(door, "/till/sales", sale, headers)


def _meet(works: Sequence[Work]) -> list[tuple[int, Json]]:
    """All at once."""
    gate = threading.Barrier(len(works))

    def run(work: Work) -> tuple[int, Json]:
        gate.wait(30)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def _statuses(answers: Sequence[tuple[int, Json]]) -> Counter[int]:
    return Counter(status for status, _ in answers)


def test_more_customers_than_pieces_at_two_processes_and_exactly_as_many_get_one(
    town: Town, doors: list[httpx.Client]
) -> None:
    answers = _meet([_placing(town, doors[n % 2], (MILK, 1)) for n in range(30)])
    assert _statuses(answers) == {201: 10, 409: 20}
    assert len({answer["order_id"] for status, answer in answers if status == 201}) == 10
    assert town.stock(town.near, MILK) == (10, 10)


def test_baskets_in_opposite_order_at_two_processes_do_not_lock_each_other_out(
    town: Town, doors: list[httpx.Client]
) -> None:
    one, other = ((MILK, 1), (BREAD, 1)), ((BREAD, 1), (MILK, 1))
    answers = _meet([_placing(town, doors[n % 2], *(one if n % 4 < 2 else other)) for n in range(32)])
    assert _statuses(answers) == {201: 10, 409: 22}
    assert town.stock(town.near, MILK) == town.stock(town.near, BREAD) == (10, 10)


def test_one_key_at_two_processes_is_one_order_and_one_answer(town: Town, doors: list[httpx.Client]) -> None:
    asked = _asked(town, (MILK, 2), key="told-to-both-doors")
    answers = _meet([_telling(doors[n % 2], "/orders", *asked) for n in range(16)])
    assert set(_statuses(answers)) <= {201, 409}
    stood = [answer for status, answer in answers if status == 201]
    assert stood
    assert all(answer == stood[0] for answer in stood)
    assert {answer["code"] for status, answer in answers if status == 409} <= {"idempotency.still_running"}
    assert [_telling(door, "/orders", *asked)() for door in doors] == [(201, stood[0])] * 2
    assert town.stock(town.near, MILK) == (10, 2)


def test_one_sku_twice_in_a_basket_is_held_once_for_both(town: Town, doors: list[httpx.Client]) -> None:
    answers = _meet([_placing(town, doors[n % 2], (MILK, 1), (BREAD, 1), (MILK, 2)) for n in range(8)])
    assert _statuses(answers) == {201: 3, 409: 5}
    assert town.stock(town.near, MILK) == (10, 9)
    placed = next(answer for status, answer in answers if status == 201)
    assert [(line["sku"], line["quantity"]) for line in town.order(placed)["lines"]] == [(MILK, 3), (BREAD, 1)]


def test_a_till_takes_what_is_on_the_belt_and_no_order_is_promised_it(town: Town, doors: list[httpx.Client]) -> None:
    works = [_placing(town, doors[n % 2], (MILK, 1)) for n in range(16)]
    works += [_selling(town, doors[n % 2], 1) for n in range(8)]
    answers = _meet(works)
    assert _statuses(answers[16:]) == {201: 8}
    placed = _statuses(answers[:16])[201]
    on_hand, reserved = town.stock(town.near, MILK)
    assert (on_hand, reserved) == (2, placed)
    assert 2 <= placed <= 10


def test_a_transfer_that_leaves_and_orders_promise_nothing_twice(town: Town, doors: list[httpx.Client]) -> None:
    transfer = ids.new_id()
    with town.database.sessions() as db:
        transfers.draft(
            db,
            transfer_id=transfer,
            from_store_id=town.near,
            to_store_id=town.far,
            lines=[Line(MILK, 6)],
            now=utc_now(),
        )

    def send() -> tuple[int, Json]:
        try:
            with town.database.sessions() as db:
                transfers.send(db, transfer_id=transfer, store_id=town.near, now=utc_now())
        except Conflict as refusal:
            return 409, {"code": refusal.code}
        return 200, {}

    answers = _meet([*[_placing(town, doors[n % 2], (MILK, 1)) for n in range(14)], send])
    placed = _statuses(answers[:14])[201]
    if answers[14][0] == 200:
        assert (placed, town.stock(town.near, MILK)) == (4, (4, 4))
    else:
        assert (placed, town.stock(town.near, MILK)) == (10, (10, 10))


def test_a_count_is_posted_while_orders_and_tills_go_on_and_nothing_is_lost(
    town: Town, doors: list[httpx.Client]
) -> None:
    """Two of ten are missing when the shelf is counted; three are sold at the same moment, whoever comes first."""
    at, clerk = utc_now(), ids.new_id()
    with town.database.sessions() as db:
        asked = counting.ask(db, store_id=town.near, skus=[MILK], because="weekly", now=at)
        counting.record(db, count_id=asked, store_id=town.near, clerk_id=clerk, sku=MILK, quantity=8, now=at)
        counting.submit(db, count_id=asked, store_id=town.near, clerk_id=clerk, now=at)

    def post() -> tuple[int, Json]:
        with town.database.sessions() as db:
            counting.post(db, count_id=asked, store_id=town.near, by=ids.new_id(), now=utc_now())
        return 200, {}

    works = [_placing(town, doors[n % 2], (MILK, 1)) for n in range(16)] + [
        _selling(town, doors[n % 2], 1) for n in range(3)
    ]
    answers = _meet([*works, post])
    assert _statuses(answers[16:]) == {201: 3, 200: 1}
    placed = _statuses(answers[:16])[201]
    assert town.stock(town.near, MILK) == (5, placed)
    assert 5 <= placed <= 10

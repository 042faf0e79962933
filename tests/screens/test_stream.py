"""Live screens: who may listen, what comes, and what was missed; on a real server, for a stream needs one."""

import json
import socket
import threading
import uuid
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from o2o.app import create_app
from o2o.dispatch.events import RiderChanged
from o2o.infra import live, outbox
from o2o.infra.settings import settings
from o2o.infra.tools import Tools
from o2o.kit import ids
from o2o.kit.clock import utc_now
from o2o.kit.principal import Role
from tests.conftest import Database
from tests.identity.make import a_member_of_staff, headers, signed_in


@pytest.fixture
def server(tools: Tools) -> Iterator[str]:
    """The application behind a real socket; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        house = uvicorn.Server(
            uvicorn.Config(create_app(settings(), tools), log_level="error", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=house.run, kwargs={"sockets": [listening]})
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        while not house.started:
            assert thread.is_alive()
            thread.join(0.02)
        yield address
        house.should_exit = True
        thread.join()


def a_rider(database: Database) -> tuple[uuid.UUID, dict[str, str]]:
    with database.sessions() as db:
        rider_id = a_member_of_staff(db, Role.RIDER, now=utc_now())
        return rider_id, signed_in(db, rider_id, now=utc_now())


def say(database: Database, tools: Tools, rider_id: uuid.UUID) -> None:
    """Something about the rider commits, and the relay tells of it."""
    with database.sessions() as db:
        outbox.emit(db, RiderChanged(rider_id=rider_id, area_id=ids.new_id()), now=utc_now())
    outbox.relay(database.engine, lambda sent: live.publish(tools.valkey, sent))


def next_event(lines: Iterator[str]) -> tuple[int, dict[str, object]]:
    """The next change on a stream: its id and its data."""
    event_id = 0
    for line in lines:
        if line.startswith("id:"):
            event_id = int(line[3:])
        elif line.startswith("data:"):
            return event_id, json.loads(line[5:])
    raise AssertionError("the stream ended")


def test_a_screen_hears_of_a_change_and_after_a_lost_signal_of_what_it_missed(
    database: Database, tools: Tools, server: str
) -> None:
    rider_id, token = a_rider(database)
    where = f"{server}/api/stream?channels=rider:{rider_id}"
    with httpx.Client(timeout=60) as phone:
        with phone.stream("GET", where, headers=token) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith(":")  # the server listens
            telling = threading.Thread(target=say, args=(database, tools, rider_id))
            telling.start()
            first_id, heard = next_event(lines)
            telling.join()  # it is heard before its relay has ended, and there is one relay at a time
        assert (first_id, heard["name"], heard["channel"]) == (1, "dispatch.rider_changed", f"rider:{rider_id}")
        say(database, tools, rider_id)
        say(database, tools, ids.new_id())
        say(database, tools, rider_id)
        with phone.stream("GET", where, headers=token | {"Last-Event-ID": str(first_id)}) as stream:
            lines = stream.iter_lines()
            assert [next_event(lines)[0], next_event(lines)[0]] == [2, 4]


def test_nobody_listens_to_somebody_elses_channel(database: Database, server: str) -> None:
    rider_id, token = a_rider(database)
    with database.sessions() as db:
        others = [headers(db, role, now=utc_now()) for role in (Role.CUSTOMER, Role.CLERK, Role.DISPATCHER)]
    with httpx.Client(base_url=f"{server}/api", timeout=60) as phone:
        _hears_only_its_own(phone, rider_id, [token, *others])


def _hears_only_its_own(phone: httpx.Client, rider_id: uuid.UUID, people: list[dict[str, str]]) -> None:
    for channel in (f"rider:{ids.new_id()}", f"order:{ids.new_id()}", f"area:{ids.new_id()}", f"store:{ids.new_id()}"):
        for who in people:
            answer = phone.get(f"/stream?channels={channel}", headers=who)
            assert (answer.status_code, answer.json()["channel"]) == (403, channel)
    assert phone.get(f"/stream?channels=rider:{rider_id}").status_code == 401
    for bad in ("rider:1", "moon:0", "rider"):
        answer = phone.get(f"/stream?channels={bad}", headers=people[0])
        assert (answer.status_code, answer.json()["field"]) == (422, "channels")

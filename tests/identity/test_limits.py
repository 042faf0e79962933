from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
import redis
from fastapi.testclient import TestClient

from o2o.identity.limits import Limit, wait_s
from tests.conftest import Clock

THREE = (Limit("three", 3, 60),)


def test_a_limit_counts_each_subject_and_begins_anew_with_the_next_window(valkey: "redis.Redis", clock: Clock) -> None:
    def ask(subject: str) -> int:
        return wait_s(valkey, checks=[(THREE, subject)], secret="s", now=clock.now)

    assert [ask("a") for _ in range(4)] == [0, 0, 0, 60]
    assert ask("b") == 0
    clock.advance(59)
    assert ask("a") == 1
    clock.advance(1)
    assert ask("a") == 0


def test_many_at_once_are_counted_exactly(valkey: "redis.Redis", clock: Clock) -> None:
    def ask(_: int) -> bool:
        return wait_s(valkey, checks=[(THREE, "a")], secret="s", now=clock.now) == 0

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(ask, range(40))) == 3


def test_keys_name_nobody_and_always_run_out(valkey: "redis.Redis", clock: Clock) -> None:
    wait_s(valkey, checks=[(THREE, "+8613812345678")], secret="s", now=clock.now)
    [key] = valkey.keys("*")
    assert "138" not in key.split(":")[1]
    assert "13812345678" not in key
    assert 60 < valkey.ttl(key) <= 120


def test_without_counters_nobody_may_guess(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("o2o.identity.api.wait_s", Mock(side_effect=redis.ConnectionError))
    answer = client.post("/api/auth/staff", json={"username": "x", "password": "y"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")

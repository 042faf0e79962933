"""The process's sockets in one value: doors make it once and hand it to the followers and duties they run."""

from dataclasses import dataclass

import redis
from sqlalchemy import Engine

from o2o.infra.db import make_engine
from o2o.infra.roads import Roads, open_roads
from o2o.infra.settings import Settings


@dataclass(frozen=True, slots=True)
class Tools:
    """What a follower or a duty may need beside its arguments."""

    engine: Engine
    valkey: "redis.Redis"
    roads: Roads
    settings: Settings


def open_tools(settings: Settings) -> Tools:
    """Tools for this process. `database_url` and `broker_url` must be set: the supervisor sets them when it starts the engines itself.

    Raises:
        ValueError: an address is missing.
    """
    if not settings.database_url or not settings.broker_url:
        raise ValueError("O2O_DATABASE_URL and O2O_BROKER_URL must be set for a process of its own; `o2o up` sets them")
    return Tools(
        engine=make_engine(settings.database_url, pool_size=settings.threads, lock_timeout_ms=settings.lock_timeout_ms),
        valkey=redis.Redis.from_url(settings.broker_url, decode_responses=True),
        roads=open_roads(settings),
        settings=settings,
    )

"""The process's sockets in one value: doors make it once and hand it to the followers and duties they run."""

from dataclasses import dataclass

import redis
from sqlalchemy import Engine

from o2o.infra.roads import Roads
from o2o.infra.settings import Settings


@dataclass(frozen=True, slots=True)
class Tools:
    """What a follower or a duty may need beside its arguments."""

    engine: Engine
    valkey: "redis.Redis"
    roads: Roads
    settings: Settings

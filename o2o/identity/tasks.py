"""Duties of identity."""

from datetime import datetime

from o2o.identity import codes, sessions
from o2o.infra.db import transaction
from o2o.infra.tools import Tools


def forget(tools: Tools, *, now: datetime, key: str) -> None:
    """Drop codes and families that have run out; one piece of work, `key` is not used."""
    with transaction(tools.engine) as db:
        codes.forget(db, now=now)
        sessions.forget(db, now=now)

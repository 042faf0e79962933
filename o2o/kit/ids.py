"""Ids are UUIDv7 (RFC 9562): made by us before the insert, sortable by the time they were made."""

import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import NewType

AccountId = NewType("AccountId", uuid.UUID)
AreaId = NewType("AreaId", uuid.UUID)
StoreId = NewType("StoreId", uuid.UUID)
OrderId = NewType("OrderId", uuid.UUID)
ShipmentId = NewType("ShipmentId", uuid.UUID)
ReservationId = NewType("ReservationId", uuid.UUID)
TaskId = NewType("TaskId", uuid.UUID)
DeliveryId = NewType("DeliveryId", uuid.UUID)
TripId = NewType("TripId", uuid.UUID)
RiderId = NewType("RiderId", uuid.UUID)
MemberId = NewType("MemberId", uuid.UUID)
PaymentId = NewType("PaymentId", uuid.UUID)
Sku = NewType("Sku", str)

IdSource = Callable[[], uuid.UUID]
_MARKED, _MARKS = 0xF << 76 | 0x3 << 62, 0x7 << 76 | 0x2 << 62
"""The bits that say which version and variant an id is, and what they say."""


def _uuid7(unix_ms: int, noise: int) -> uuid.UUID:
    value = (unix_ms & (2**48 - 1)) << 80 | noise & (2**80 - 1)
    return uuid.UUID(int=value & ~_MARKED | _MARKS)


def _of_the_system() -> IdSource:
    """The system's clock and noise. Ids of one millisecond count up (RFC 9562, 6.2, method 1): what a process makes one after the
    other sorts so, and a list in the order of its ids is in the order in which things happened.
    """
    last = 0

    def source() -> uuid.UUID:
        nonlocal last
        last = now = max(time.time_ns() // 1_000_000 << 12, last + 1)
        return _uuid7(now >> 12, (now & 0xFFF) << 64 | int.from_bytes(os.urandom(8)))

    return source


_SYSTEM = _of_the_system()
_source: ContextVar[IdSource] = ContextVar("o2o_id_source", default=_SYSTEM)


def new_id() -> uuid.UUID:
    """A fresh UUIDv7 from the source in force: the system's, or the one a simulation set with `use`."""
    return _source.get()()


@contextmanager
def use(source: IdSource) -> Iterator[None]:
    """Within the block every `new_id()` comes from `source`; how a simulated day gets the same ids each time."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def seeded(seed: int, clock: Callable[[], datetime]) -> IdSource:
    """An id source that repeats: the time comes from `clock`, the noise from `seed`, order from a counter."""
    dice = random.Random(seed)
    count = 0

    def source() -> uuid.UUID:
        nonlocal count
        count += 1
        noise = (count & 0xFFF) << 64 | dice.getrandbits(62)
        return _uuid7(int(clock().timestamp() * 1000), noise)

    return source

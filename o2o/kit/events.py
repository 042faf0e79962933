"""An event is a fact that has committed: a name, a few plain values, and the channels whose screens should look again."""

import uuid
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Self

import msgspec

KNOWN: dict[str, type["Event"]] = {}
"""Every event class by its name, filled as rooms are imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. Fields are UUIDs, strings, integers, booleans, aware datetimes, or lists of strings."""

    name: ClassVar[str]
    screens_only: ClassVar[bool] = False
    """True for an event that no task follows; it only tells screens to look again."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        # Slotted dataclasses are made twice; the second class takes the first one's place.
        known = KNOWN.get(cls.name)
        if known is not None and (known.__module__, known.__name__) != (cls.__module__, cls.__name__):
            raise TypeError(f"two events are named {cls.name}")
        KNOWN[cls.name] = cls

    def channels(self) -> tuple[str, ...]:
        """Live channels that hear of this, such as `order:{id}`, `store:{id}`, `rider:{id}`, `area:{id}`, `member:{id}`."""
        return ()

    def payload(self) -> dict[str, Any]:
        """The fields as JSON values."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        """The event again, from what `payload` gave."""
        return cls(**{field.name: _typed(field.type, payload[field.name]) for field in fields(cls)})


def _typed(kind: object, value: object) -> object:
    if value is None or not isinstance(value, str):
        return value
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    if "UUID" in name or name.split(" ")[0].endswith("Id"):
        return uuid.UUID(value)
    if "datetime" in name:
        return datetime.fromisoformat(value)
    return value

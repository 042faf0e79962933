"""What may come over the wire: strict shapes that refuse unknown fields, booleans for numbers, and text a database cannot keep."""

import unicodedata
import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
)

from o2o.kit.money import FEN_MAX


class Wire(BaseModel):
    """Base of every request and response body."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, from_attributes=True, ser_json_inf_nan="null")


def example(**body: JsonValue) -> ConfigDict:
    """The configuration of a body, with an example of it for the documentation."""
    return ConfigDict(json_schema_extra={"examples": [body]})


_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _clean(text: str) -> str:
    """NFC, trimmed, with nothing in it that hides: controls (NUL among them), bidirectional overrides, lone surrogates."""
    if (
        not text.isprintable()
    ):  # nothing printable is hidden; asking that of a whole text is quicker than asking every letter
        hidden = (c for c in text if c in _OVERRIDES or unicodedata.category(c) in ("Cc", "Cs"))
        if any(c not in "\n\t" for c in hidden):
            raise ValueError("text may not contain control characters")
    return unicodedata.normalize("NFC", text).strip()


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("text may not be empty")
    return text


Ref = Annotated[uuid.UUID, Field(strict=False)]
"""An id, as JSON writes it."""
Name = Annotated[str, StringConstraints(max_length=120), AfterValidator(_clean), AfterValidator(_not_empty)]
Note = Annotated[str, StringConstraints(max_length=500), AfterValidator(_clean)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""A short ASCII code: a SKU, a barcode, a reason, a client's own id."""
Count = Annotated[int, Field(ge=1, le=9_999)]
Amount = Annotated[int, Field(ge=0, le=FEN_MAX)]
"""Fen."""


def _in_words(said: object) -> object:
    """A bare number would be read as seconds since 1970, which nobody means."""
    if isinstance(said, (int, float)):
        raise ValueError("a moment is told as text, by ISO 8601")
    return said


def _can_be_kept(at: datetime) -> datetime:
    """The calendar ends at the years 1 and 9999, and a zone carries a moment beyond: such a one is written and never read again."""
    if not _EPOCH <= at < _LAST:
        raise ValueError("a moment from the year 1970 to 9998")
    return at


_EPOCH, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
Moment = Annotated[
    AwareDatetime,
    Field(strict=False, examples=["2026-03-02T02:00:00Z"]),
    BeforeValidator(_in_words),
    AfterValidator(_can_be_kept),
]
"""A moment with its zone. What happened is told by the clock of whoever saw it, which may be far off: that is no reason to refuse it."""


def _within_reach[T: date](at: T) -> T:
    """Hours and days are reckoned from it, and there are none before the year 1 or after 9999."""
    if not 2000 <= at.year < 2200:
        raise ValueError("a year from 2000 to 2199")
    return at


PlannedAt = Annotated[Moment, AfterValidator(_within_reach)]
"""A moment people plan for, or ask about."""
Day = Annotated[date, Field(strict=False), BeforeValidator(_in_words), AfterValidator(_within_reach)]
"""A day people plan for, or read from a label."""
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class PointIn(Wire):
    """A place, WGS84 degrees."""

    lon: Lon
    lat: Lat

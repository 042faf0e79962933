"""A quote as the customer carries it: signed by us, so that what they accept is what we said, and nothing is stored until they do."""

import base64
import binascii
import hmac
import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec

from o2o.kit.errors import Conflict, Invalid
from o2o.kit.ids import Sku
from o2o.kit.values import value
from o2o.orders.promise import FulfilmentPlan

VALID_S = 300
"""How long a price and a promise stand before they must be asked for again."""
KEPT_STORES = 3
"""How many of the best stores a quote remembers."""


class BadBasket(Invalid):
    """The basket cannot be read as meant; `field` says which part."""

    code = "orders.bad_basket"


class BadQuote(Invalid):
    """This is not a quote of ours for this caller."""

    code = "orders.bad_quote"


class QuoteExpired(Conflict):
    """The quote is too old; ask for a new one."""

    code = "orders.quote_expired"


class QuoteChanged(Conflict):
    """What was quoted holds no longer. `changed` names what: price, stock, store, promise, coupon or points."""

    code = "orders.quote_changed"


@value(frozen=True, slots=True)
class Part:
    """What one store would bring, (sku, quantity) by line, and its plan."""

    store_id: uuid.UUID
    area_id: uuid.UUID
    lines: tuple[tuple[Sku, int], ...]
    plan: FulfilmentPlan


@value(frozen=True, slots=True)
class Offer:
    """One way to do the whole basket at the quoted price: by one store, or by several that bring a part each."""

    parts: tuple[Part, ...]

    @property
    def last(self) -> Part:
        """The part that arrives last: with it the order is there, so its plan is the order's promise."""
        return self.parts[0] if len(self.parts) == 1 else max(self.parts, key=lambda part: part.plan.arrive_by)


@value(frozen=True, slots=True)
class Terms:
    """Everything a quote promises. `lines` are (sku, quantity, unit price); `offers` are ways to do it, the best first."""

    member_id: uuid.UUID
    method: str
    lines: tuple[tuple[Sku, int, int], ...]
    point: tuple[float, float] | None
    coupon_id: uuid.UUID | None
    coupon_fen: int
    points: int
    points_fen: int
    fee_fen: int
    total_fen: int
    offers: tuple[Offer, ...]
    why: dict[str, Any]
    quoted_at: datetime
    slot_id: str | None = None
    """The window the customer chose."""

    @property
    def wanted(self) -> dict[Sku, int]:
        """How many of each SKU."""
        return {sku: quantity for sku, quantity, _ in self.lines}

    @property
    def promised(self) -> FulfilmentPlan:
        """The plan the customer was told."""
        return self.offers[0].last.plan

    @property
    def expires_at(self) -> datetime:
        """Until when it may be accepted."""
        return self.quoted_at + timedelta(seconds=VALID_S)


_WRITER, _READER = msgspec.json.Encoder(), msgspec.json.Decoder(Terms)


def seal(terms: Terms, *, secret: str) -> str:
    """The terms as one signed text (HMAC-SHA256)."""
    body = base64.b64encode(_WRITER.encode(terms))
    return f"{body.decode()}.{_sign(body, secret)}"


def unseal(text: str, *, member_id: uuid.UUID, secret: str, now: datetime) -> Terms:
    """The terms again.

    Raises:
        BadQuote: not signed by us, or another caller's.
        QuoteExpired
    """
    body, _, signature = text.partition(".")
    if not text.isascii() or not hmac.compare_digest(_sign(body.encode(), secret), signature):
        raise BadQuote(field="quote")
    try:
        terms = _READER.decode(base64.b64decode(body))
    except (binascii.Error, msgspec.DecodeError):
        raise BadQuote(field="quote") from None
    if terms.member_id != member_id:
        raise BadQuote(field="quote")
    if now >= terms.expires_at:
        raise QuoteExpired(field="quote", expired_at=terms.expires_at)
    return terms


def _sign(body: bytes, secret: str) -> str:
    return hmac.digest(b"orders.quote:" + secret.encode(), body, "sha256").hex()

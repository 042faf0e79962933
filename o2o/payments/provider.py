"""The port behind which payment providers stand. References and operation ids are ours, so every call may be repeated."""

import uuid
from datetime import datetime
from typing import Protocol

from o2o.kit.errors import Conflict


class Declined(Conflict):
    """The provider will not do that, and asking again will not help."""

    code = "payments.declined"


class Provider(Protocol):
    """What we need of a provider. `capture` is final: what is not captured is let go.

    Every method raises Declined when the answer is no, and httpx.HTTPError when there was no answer (then it is asked again).
    """

    def prepare(self, *, ref: str, amount_fen: int, now: datetime) -> str:
        """Tell the provider to expect this payment; returns where the customer pays it."""

    def capture(self, *, operation_id: uuid.UUID, ref: str, amount_fen: int, now: datetime) -> None:
        """Take `amount_fen` of what is held."""

    def void(self, *, operation_id: uuid.UUID, ref: str, amount_fen: int, now: datetime) -> None:
        """Let go what is held."""

    def refund(self, *, operation_id: uuid.UUID, ref: str, amount_fen: int, now: datetime) -> None:
        """Give back `amount_fen` of what was taken."""

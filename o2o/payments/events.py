"""What payments announces."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from o2o.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfPayment(Event):
    name: ClassVar[str] = "payments.any"
    order_id: uuid.UUID
    payment_id: uuid.UUID
    amount_fen: int

    def channels(self) -> tuple[str, ...]:
        return (f"order:{self.order_id}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorised(_OfPayment):
    """The provider holds the whole amount for us."""

    name: ClassVar[str] = "payments.authorised"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(_OfPayment):
    """The customer's payment was declined; another try is open until the order expires."""

    name: ClassVar[str] = "payments.failed"
    screens_only: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(_OfPayment):
    """Money was taken."""

    name: ClassVar[str] = "payments.captured"
    screens_only: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentVoided(_OfPayment):
    """What was held is free again; nothing was taken."""

    name: ClassVar[str] = "payments.voided"
    screens_only: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDone(_OfPayment):
    """Money went back to the customer."""

    name: ClassVar[str] = "payments.refund_done"
    screens_only: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTroubled(_OfPayment):
    """Money did not go its way, or something was done about that."""

    name: ClassVar[str] = "payments.troubled"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAsked(Event):
    """A provider is to be asked for something."""

    name: ClassVar[str] = "payments.operation_asked"
    operation_id: uuid.UUID

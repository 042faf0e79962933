"""Imports every table of the house, so that migrations see one metadata."""

from o2o.dispatch import models as dispatch
from o2o.infra import idempotency, outbox
from o2o.infra.db import Base
from o2o.payments import models as payments

metadata = Base.metadata

__all__ = ["dispatch", "idempotency", "metadata", "outbox", "payments"]

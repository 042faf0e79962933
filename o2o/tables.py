"""Imports every table of the house, so that migrations see one metadata."""

from o2o.catalogue import models as catalogue
from o2o.dispatch import models as dispatch
from o2o.identity import models as identity
from o2o.infra import idempotency, outbox, versions
from o2o.infra.db import Base
from o2o.inventory import models as inventory
from o2o.membership import models as membership
from o2o.orders import models as orders
from o2o.payments import models as payments
from o2o.picking import models as picking
from o2o.stores import models as stores

metadata = Base.metadata

__all__ = [
    "catalogue",
    "dispatch",
    "idempotency",
    "identity",
    "inventory",
    "membership",
    "metadata",
    "orders",
    "outbox",
    "payments",
    "picking",
    "stores",
    "versions",
]

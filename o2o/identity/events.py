"""What identity announces. No name, no phone: whoever needs one asks for it."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from o2o.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRegistered(Event):
    """Somebody signed in as a customer for the first time."""

    name: ClassVar[str] = "identity.CustomerRegistered"

    account_id: uuid.UUID

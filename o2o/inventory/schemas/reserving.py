"""Wire shapes of channel rules and limited offers."""

import uuid
from datetime import datetime

from o2o.inventory.schemas.parts import AN_ID, Units
from o2o.kit.wire import Code, Count, Note, Ref, Wire, example


class RuleIn(Wire):
    """What the app may promise of a shelf. Scope left out means all; a value left out is left to a wider rule."""

    model_config = example(category="dairy", safety=2, note="keep two for the shop")
    store_id: Ref | None = None
    category: Code | None = None
    sku: Code | None = None
    safety: Units | None = None
    threshold: Units | None = None
    offered: bool | None = None
    note: Note = ""


class RuleOut(RuleIn):
    """A rule in force."""

    id: uuid.UUID


class EffectOut(Wire):
    """What a change of rules does to one item."""

    store_id: uuid.UUID
    sku: str
    before: int
    after: int


class EffectsOut(Wire):
    """The rule, how many items it changes, and the first of them, largest loss first."""

    id: uuid.UUID
    items: int
    first: list[EffectOut]


class OfferIn(Wire):
    """Units of a SKU to set apart for a limited offer."""

    model_config = example(store_id=AN_ID, sku="DAIRY-001", quantity=50)
    store_id: Ref
    sku: Code
    quantity: Count


class OfferOut(Wire):
    """A limited offer: what was set apart for it, and what nobody has taken yet."""

    store_id: uuid.UUID
    sku: str
    quantity: int
    left: int
    opened_at: datetime


class OfferEndIn(Wire):
    """Which offer to end."""

    model_config = example(store_id=AN_ID, sku="DAIRY-001")
    store_id: Ref
    sku: Code


class OfferEndedOut(Wire):
    """How many units were left, ordinary stock again."""

    left: int

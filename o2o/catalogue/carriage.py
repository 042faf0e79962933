"""What goods ask of whoever carries them: room, cold, and a look at the customer's age."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.kit.ids import Sku


@dataclass(frozen=True, slots=True)
class Carriage:
    """Of some goods together: the room they take, whether any must stay cold, whether any is for adults only."""

    volume_ml: int
    insulated: bool
    age_checked: bool


def carriage(db: Session, *, quantities: Mapping[Sku, int]) -> Carriage:
    """Of so many units of each good; goods we do not know ask for nothing, as do those of which there are none."""
    wanted = [sku for sku, quantity in quantities.items() if quantity]
    known = goods.get_many(db, skus=wanted).values()
    return Carriage(
        volume_ml=sum(good.volume_ml * quantities[good.sku] for good in known),
        insulated=any(good.temperature != "ambient" for good in known),
        age_checked=any(good.age_checked for good in known),
    )

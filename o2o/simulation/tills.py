"""Tills: people who came in person buy from the same shelves; now and then a till without network tells its sales later, twice."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from o2o.catalogue.goods import Good
from o2o.kit import ids
from o2o.kit.ids import Sku, StoreId
from o2o.orders import till
from o2o.orders.till import Scanned
from o2o.simulation import demand
from o2o.simulation.stage import Stage

SHARE_OF_ORDERS = 0.3
"""Sales at tills for each order in the app."""
SHOWS_CODE, OFFLINE = 0.4, 0.05


@dataclass
class TillPlayers:
    """All the tills of the district; each arrival is somebody at some till."""

    stage: Stage
    clerks: Sequence[tuple[uuid.UUID, StoreId]]
    codes: Sequence[str]
    goods: Sequence[Good]
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = self.stage.dice("tills")

    def arrive(self) -> None:
        """Somebody puts things on the belt."""
        dice, now = self.dice, self.stage.now
        clerk_id, store_id = dice.choice(self.clerks)
        by_sku = {good.sku: good for good in self.goods}
        belt = [_scanned(dice, by_sku[Sku(sku)], n) for sku, n in demand.basket(dice, list(by_sku)).items()]
        code = dice.choice(self.codes) if self.codes and dice.random() < SHOWS_CODE else None
        sale_id, offline = ids.new_id(), dice.random() < OFFLINE

        def ring() -> None:
            self._ring(sale_id, clerk_id, store_id, belt, code, at=now, offline=offline)

        if offline:
            self.stage.counts["sales told later"] += 1
            for _ in range(2):
                self.stage.agenda.after(dice.uniform(60, 1_800), ring)
        else:
            ring()

    def _ring(
        self,
        sale_id: uuid.UUID,
        clerk_id: uuid.UUID,
        store_id: StoreId,
        belt: Sequence[Scanned],
        code: str | None,
        *,
        at: datetime,
        offline: bool,
    ) -> None:
        now = self.stage.now
        self.stage.act(
            lambda db: till.sell(
                db,
                sale_id=sale_id,
                store_id=store_id,
                clerk_id=clerk_id,
                items=belt,
                tender="cash",
                at=at,
                now=now,
                member_code=code,
                offline=offline,
            )
        )


def _scanned(dice: random.Random, good: Good, quantity: int) -> Scanned:
    grams = round(good.weight_g * dice.uniform(0.9, 1.1)) if good.weighed else None
    return Scanned(sku=good.sku, barcode=None, quantity=quantity, weight_g=grams, price_fen=good.price_fen)

"""What rides besides orders in a living demo: goods between stores, and goods customers give back at their door."""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from o2o.dispatch.carrying import deliveries
from o2o.inventory.lines import Line
from o2o.inventory.queries.supply import transfers_of
from o2o.inventory.supply import transfers
from o2o.inventory.supply.transfers import Arrival
from o2o.kit import ids
from o2o.kit.ids import OrderId, StoreId
from o2o.orders import aftersales, carrying, queries
from o2o.simulation.stage import Stage

TRANSFER_EVERY_S, RETURN_EVERY_S = 300.0, 420.0
FIRST_AFTER_S = 40
LOOK_S = 20
WITHIN = timedelta(minutes=45)


@dataclass
class ErrandPlayers:
    """Clerks who send goods to a neighbouring store and count in what comes, and customers who want theirs fetched."""

    stage: Stage
    areas: Mapping[uuid.UUID, Sequence[StoreId]]
    skus: Sequence[str]
    delivered: Sequence[tuple[OrderId, uuid.UUID]]
    """Orders that were placed, with their members; it grows while the demo lives."""
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = self.stage.dice("errands")

    def begin(self) -> None:
        """One of each before long, and then now and again; what is on its way since before a restart is looked out for."""
        for store_id in (store_id for stores in self.areas.values() for store_id in stores):
            for known in self.stage.look(lambda db, at=store_id: transfers_of(db, store_id=at)):  # type: ignore[misc]
                if known.from_store_id == store_id and known.state in ("in_transit", "back"):
                    self._look_out_for(known.id, store_id, StoreId(known.to_store_id))
        self.stage.agenda.every(TRANSFER_EVERY_S, self._send, first_after=FIRST_AFTER_S)
        self.stage.agenda.every(RETURN_EVERY_S, self._give_back, first_after=RETURN_EVERY_S)

    def _send(self) -> None:
        """A clerk puts goods aside for another store of the area and asks for a rider; a shelf too empty for it keeps them."""
        stores = self.dice.choice([stores for stores in self.areas.values() if len(stores) > 1] or [()])
        if not stores:
            return
        here, there = self.dice.sample(stores, 2)
        lines = [Line(sku, self.dice.randint(2, 5)) for sku in self.dice.sample(self.skus[:40], 3)]
        transfer_id, now = ids.new_id(), self.stage.now

        def send(db: Session) -> bool:
            transfers.draft(db, transfer_id=transfer_id, from_store_id=here, to_store_id=there, lines=lines, now=now)
            carrying.send_transfer(db, transfer_id=transfer_id, store_id=here, due_at=now + WITHIN, now=now)
            return True

        if self.stage.act(send):
            self.stage.counts["transfers sent"] += 1
            self.stage.agenda.after(LOOK_S, lambda: self._look_out_for(transfer_id, here, there))

    def _look_out_for(self, transfer_id: uuid.UUID, here: StoreId, there: StoreId) -> None:
        """Until the goods are at a counter, and then count them in: where they were sent, or where they came back to."""
        carried = self.stage.look(lambda db: deliveries.of_shipment(db, shipment_id=transfer_id))
        state = carried.state if carried else ""
        known = self.stage.look(lambda db: transfers.info(db, transfer_id=transfer_id, from_store_id=here))
        came_back = state == deliveries.RETURNED and known.state == "back"
        if state == deliveries.DELIVERED or came_back:
            now = self.stage.now
            arrivals = [Arrival(line.sku, line.quantity) for line in known.lines]
            at = here if came_back else there
            self.stage.act(
                lambda db: transfers.receive(db, transfer_id=transfer_id, store_id=at, arrivals=arrivals, now=now)
            )
        elif known.state in ("in_transit", "back"):
            self.stage.agenda.after(LOOK_S, lambda: self._look_out_for(transfer_id, here, there))

    def _give_back(self) -> None:
        """A customer gives back a line of a late order; the store agrees, and a rider is sent to the door."""
        if not self.delivered:
            return
        order_id, member_id = self.dice.choice(self.delivered[-60:])
        return_id, now = ids.new_id(), self.stage.now

        def ask(db: Session) -> bool:
            aftersales.request(
                db,
                return_id=return_id,
                order_id=order_id,
                member_id=member_id,
                kind="return",
                lines=[aftersales.Piece(1, 1)],
                reason="damaged",
                note="",
                now=now,
            )
            store_id = StoreId(queries.order(db, order_id=order_id, member_id=member_id).shipments[0].store_id)
            aftersales.decide(db, return_id=return_id, store_id=store_id, approve=True, note="", now=now)
            carrying.fetch_return(
                db, return_id=return_id, member_id=member_id, due_from=now, due_at=now + WITHIN, now=now
            )
            return True

        if self.stage.act(ask):
            self.stage.counts["returns asked for"] += 1
            self.stage.agenda.after(LOOK_S, lambda: self._inspect(return_id, order_id))

    def _inspect(self, return_id: uuid.UUID, order_id: OrderId) -> None:
        """When a rider has brought it, a clerk of the store looks at it and puts it away."""
        carried = self.stage.look(lambda db: deliveries.of_shipment(db, shipment_id=return_id))
        if carried is None or carried.state in (deliveries.FAILED, deliveries.CANCELLED):
            return
        if carried.state != deliveries.DELIVERED:
            self.stage.agenda.after(LOOK_S, lambda: self._inspect(return_id, order_id))
            return
        now, store_id = self.stage.now, StoreId(carried.store_id)
        self.stage.act(
            lambda db: aftersales.inspect(db, return_id=return_id, store_id=store_id, outcome="wasted", now=now)
        )

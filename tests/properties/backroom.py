"""What happens to goods behind the shop, and to bags that lack something: transfers with loss, waste, piles set apart, substitutes."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import text

from o2o.catalogue import goods
from o2o.inventory.lines import Line
from o2o.inventory.shelf import write_offs
from o2o.inventory.supply import transfers
from o2o.inventory.supply.transfers import Arrival
from o2o.kit import ids
from o2o.kit.ids import Sku
from o2o.picking import queries, shorts
from tests.properties.house import SKUS, any_basket, sides, some
from tests.properties.office import OfficeMachine, Slip

any_sku = st.sampled_from(SKUS)


class BackRoomMachine(OfficeMachine):
    """Clerks at the back door and at the basket."""

    @rule(store=sides, basket=any_basket, leaves=st.sampled_from((True, True, False)))
    def send_to_the_other_store(self, store: int, basket: dict[str, int], leaves: bool) -> None:
        transfer_id, here, there = ids.new_id(), self.stores[store], self.stores[1 - store]
        lines, now = [Line(Sku(sku), n) for sku, n in basket.items()], self.clock()
        self.act(
            lambda db: transfers.draft(
                db, transfer_id=transfer_id, from_store_id=here, to_store_id=there, lines=lines, now=now
            )
        )
        if leaves:
            self.act(lambda db: transfers.send(db, transfer_id=transfer_id, store_id=here, now=now))

    @rule(pick=some, lost=st.integers(0, 2), refused=st.sampled_from((False, False, False, True)))
    def a_transfer_arrives(self, pick: int, lost: int, refused: bool) -> None:
        """At the other store, some of it lost; or it is refused there, and counted in where it left."""
        query = text(
            "SELECT id, from_store_id, to_store_id, state FROM stock_transfers WHERE state IN ('in_transit', 'back') ORDER BY id"
        )
        found = self.read(lambda db: db.execute(query).all())
        if not found:
            return
        one, now = found[pick % len(found)], self.clock()
        if refused:
            self.act(lambda db: transfers.bring_back(db, transfer_id=one.id, now=now))
            return
        known = self.read(lambda db: transfers.info(db, transfer_id=one.id, from_store_id=one.from_store_id))
        arrivals = [
            Arrival(
                line.sku, line.quantity - min(lost, line.quantity), min(lost, line.quantity), "broken" if lost else None
            )
            for line in known.lines
        ]
        at = one.from_store_id if one.state == "back" else one.to_store_id
        self.act(lambda db: transfers.receive(db, transfer_id=one.id, store_id=at, arrivals=arrivals, now=now))

    @rule(store=sides, sku=any_sku, units=st.sampled_from((-2, -1, 1, 2)), inspect=st.booleans())
    def set_apart_or_put_back(self, store: int, sku: str, units: int, inspect: bool) -> None:
        pile = {"quality_control": units} if inspect else {"damaged": units}
        self.act(
            lambda db: write_offs.set_apart(
                db, store_id=self.stores[store], cause_id=ids.new_id(), sku=sku, now=self.clock(), **pile
            )
        )

    @rule(store=sides, sku=any_sku, units=st.integers(1, 3), damaged=st.booleans())
    def throw_away(self, store: int, sku: str, units: int, damaged: bool) -> None:
        slip = Slip("write_off", ids.new_id(), self.stores[store], sku)
        self.act(
            lambda db: write_offs.write_off(
                db, store_id=slip.store_id, write_off_id=slip.id, sku=sku, quantity=units, reason="broken", damaged=damaged,
                now=self.clock(),
            )
        )  # fmt: skip
        self.slips.append(slip)

    @rule(store=sides, instead=any_sku, says=st.sampled_from((True, True, False, None)))
    def offer_something_else(self, store: int, instead: str, says: bool | None) -> None:
        """A piece of the open task is missing, and another good is offered for it; the customer says yes, no or nothing."""
        found = self.read(lambda db: queries.tasks(db, store_id=self.stores[store], states=("picking",)))
        line = next((line for line in found[0].lines if line.picked < line.quantity), None) if found else None
        if line is None:
            return
        task, now = found[0], self.clock()
        where = {"task_id": task.id, "store_id": self.stores[store], "sku": line.sku, "now": now}
        self.act(lambda db: shorts.report_short(db, quantity=1, reason="DAMAGE", **where))
        good = self.read(lambda db: goods.get(db, sku=Sku(instead)))
        offer = {"substitute_sku": instead, "substitute_name": good.name_zh, "quantity": 1, "charge_fen": good.unit_fen}
        self.act(lambda db: shorts.propose(db, **where, **offer))
        if says is not None:
            self.act(
                lambda db: shorts.answer(
                    db, order_id=task.order_id, task_id=task.id, sku=line.sku, approve=says, now=now
                )
            )

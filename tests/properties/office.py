"""What people put right: a slip just booked at a shelf is taken back, and money that did not go its way is seen to."""

import uuid
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import text

from o2o.inventory.shelf import write_offs
from o2o.inventory.supply import suppliers
from o2o.kit.ids import OrderId, StoreId
from o2o.orders.fulfilment import owing
from o2o.payments import operations
from tests.properties.house import HouseMachine, some

HQ = "hq:somebody"
_PILES = text("SELECT on_hand, damaged, quality_control FROM stock_items WHERE store_id = :store AND sku = :sku")
_MOVED = text(
    """SELECT coalesce(sum(delta), 0) FROM stock_entries
        WHERE cause = :cause AND store_id = :store AND bucket = 'on_hand' AND kind NOT LIKE '%\\_undone'"""
)


@dataclass(frozen=True)
class Slip:
    """A booking that may have been a mistake."""

    kind: str
    id: uuid.UUID
    store_id: StoreId
    sku: str


class OfficeMachine(HouseMachine):
    """Clerks who were mistaken, a provider that balks, and head office."""

    def __init__(self) -> None:
        super().__init__()
        self.slips: list[Slip] = []
        self.undone: set[uuid.UUID] = set()

    @rule(back=st.integers(0, 3), times=st.sampled_from((1, 1, 2)))
    def take_a_slip_back(self, back: int, times: int) -> None:
        """One of the last receipts and write-offs: all of it moves the other way, once, or nothing does."""
        if not self.slips:
            return
        slip = self.slips[-1 - back % len(self.slips)]
        at = {"store": slip.store_id, "sku": slip.sku}
        undo = suppliers.undo if slip.kind == "receipt" else write_offs.undo
        name = "receipt_id" if slip.kind == "receipt" else "write_off_id"
        for _ in range(times):
            before = self.read(lambda db: db.execute(_PILES, at).one())
            moved = self.read(lambda db: db.scalar(_MOVED, {"cause": slip.id, "store": slip.store_id}))
            refused = sum(self.refusals.values())
            self.act(lambda db: undo(db, store_id=slip.store_id, now=self.clock(), **{name: slip.id}))
            after = self.read(lambda db: db.execute(_PILES, at).one())
            if sum(self.refusals.values()) > refused or slip.id in self.undone:
                assert after == before, "refused, or taken back before, and yet something moved"
            else:
                assert after.on_hand - before.on_hand == -int(moved or 0), "not as much as was booked"
                self.undone.add(slip.id)

    @rule(pick=some, gone=st.booleans())
    def the_provider_balks(self, pick: int, gone: bool) -> None:
        """What it held it says it holds no longer; or it does again."""
        was, becomes = ("held", "lapsed") if gone else ("lapsed", "held")
        query = text("SELECT ref FROM sandbox_charges WHERE state = :was ORDER BY ref")
        refs = self.read(lambda db: db.scalars(query, {"was": was}).all())
        if refs:
            self._now(becomes, refs[pick % len(refs)])

    def _now(self, state: str, ref: str) -> None:
        change = text("UPDATE sandbox_charges SET state = :state WHERE ref = :ref")
        self.act(lambda db: db.execute(change, {"state": state, "ref": ref}))

    @rule(pick=some, how=st.sampled_from(("retry", "ask", "ask", "end")))
    def see_to_money(self, pick: int, how: str) -> None:
        found = self.read(lambda db: owing.waiting(db, area_ids=None))
        if found:
            self._see_to(found[pick % len(found)], how)

    def _see_to(self, one: owing.Owing, how: str) -> None:
        about: dict[str, Any] = {"trouble_id": one.trouble.id, "actor": HQ, "now": self.clock()}
        if how == "retry":
            self.act(lambda db: owing.try_again(db, area_ids=None, **about))
        elif how == "ask":
            asked = self.act(lambda db: owing.ask_customer(db, note="", area_ids=None, **about))
            if asked is not None:
                query = text("SELECT ref FROM payments WHERE order_id = :id AND replaced_at IS NULL")
                order_id = OrderId(one.trouble.order_id)
                self.refs.append(self.read(lambda db: db.execute(query, {"id": order_id}).scalar_one()))
        else:
            self.act(lambda db: owing.end(db, note="tried everything", **about))

    def _come_to_rest(self) -> None:
        """A provider holds again what it had said to hold, and somebody sees to all that still waits."""
        with_it = text("SELECT ref FROM sandbox_charges WHERE state = 'lapsed'")
        for ref in self.read(lambda db: db.scalars(with_it).all()):
            self._now("held", ref)
        for how in ("retry", "end"):
            for one in self.read(lambda db: owing.waiting(db, area_ids=None)):
                self._see_to(one, how)
            self.worker.drain()
        super()._come_to_rest()
        waiting = text("SELECT count(*) FROM payment_operations WHERE state = :state AND kind <> 'refund'")
        assert self.read(lambda db: db.scalar(waiting, {"state": operations.WAITING})) == 0, (
            "O4: a provider is still asked"
        )

"""Customers: look at a basket's price and promise, order or not, pay or forget to, change their mind."""

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from o2o.infra.citydata import Door
from o2o.kit import ids
from o2o.kit.errors import DomainError
from o2o.kit.ids import MemberId, OrderId, Sku, StoreId
from o2o.orders.checkout import acceptance
from o2o.orders.fulfilment import cancellation
from o2o.orders.quoting import baskets, slots
from o2o.payments import sandbox
from o2o.simulation import demand
from o2o.simulation.stage import Stage

LEAVES, FORGETS, CARD_DECLINED, CHANGES_MIND = 0.06, 0.03, 0.03, 0.025
PREFERENCES = ("ask", "substitute", "refund")
USES_POINTS = 0.2
BOOKS, BOOKED_WORK_S = 0.15, 600
"""In a living demo some have time and take the next window with room for their basket."""


@dataclass
class CustomerPlayers:
    """All the district's customers behind one door: each arrival is somebody at some address with some basket."""

    stage: Stage
    members: Sequence[uuid.UUID]
    doors: Sequence[Door]
    skus: Sequence[str]
    placed: list[tuple[OrderId, uuid.UUID]] = field(default_factory=list)
    """Orders placed by now, the last last."""
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = self.stage.dice("customers")

    @property
    def _pace(self) -> float:
        """In a living demo people look and pay quickly: somebody is watching."""
        return 1.0 if self.stage.inline else 0.25

    def arrive(self) -> None:
        """Somebody opens the app and asks what a basket would cost."""
        self.stage.counts["visits"] += 1
        member_id, door = MemberId(self.dice.choice(self.members)), self.dice.choice(self.doors)
        self._ask(member_id, door, demand.basket(self.dice, self.skus), tries=3)

    def _ask(self, member_id: MemberId, door: Door, wants: dict[str, int], *, tries: int) -> None:
        stage, dice = self.stage, self.dice
        asked = 2_000 if dice.random() < USES_POINTS else 0
        verdicts: set[str] = set()
        quote = self._quoted(
            member_id, door, wants, points=asked, refused=lambda refusal: verdicts.update(_verdicts(refusal))
        )
        if quote is not None and dice.random() < LEAVES:
            stage.counts["left at the price"] += 1
        elif quote is not None and not stage.inline and dice.random() < BOOKS:
            self._book(member_id, door, wants, quote.parts[0].store.id)
        elif quote is not None:
            stage.agenda.after(dice.uniform(5, 40) * self._pace, lambda: self._place(member_id, door, quote.token))
        elif tries > 1 and verdicts <= {"below_minimum", "no_stock", "not_sold_here"}:
            # A little more for the minimum, or something else for what is sold out.
            more = demand.basket(dice, self.skus)
            kept = wants if "below_minimum" in verdicts else {}
            stage.agenda.after(
                dice.uniform(10, 60) * self._pace, lambda: self._ask(member_id, door, kept | more, tries=tries - 1)
            )
        else:
            stage.counts["not served"] += 1

    def _quoted(
        self,
        member_id: MemberId,
        door: Door,
        wants: dict[str, int],
        *,
        points: int = 0,
        slot_id: str | None = None,
        refused: Callable[[DomainError], None] | None = None,
    ) -> baskets.Quote | None:
        now = self.stage.now
        return self.stage.act(
            lambda db: baskets.quote(
                db,
                member_id=member_id,
                lines=[(Sku(sku), pieces) for sku, pieces in wants.items()],
                point=door.place,
                method="delivery",
                points_asked=points,
                slot_id=slot_id,
                now=now,
                tools=self.stage.tools,
            ),
            refused=refused,
        )

    def _book(self, member_id: MemberId, door: Door, wants: dict[str, int], store_id: StoreId) -> None:
        """The next window of the store that would have brought it at once."""
        now = self.stage.now
        windows = self.stage.act(lambda db: slots.offered(db, store_ids=[store_id], now=now)) or []
        slot_id = next((slot.id for slot, room in windows if room.takes(BOOKED_WORK_S, 1)), None)
        quote = self._quoted(member_id, door, wants, slot_id=slot_id) if slot_id else None
        if quote is None:
            self.stage.counts["no window"] += 1
            return
        self.stage.counts["windows booked"] += 1
        self.stage.agenda.after(self.dice.uniform(1, 10), lambda: self._place(member_id, door, quote.token))

    def _place(self, member_id: MemberId, door: Door, token: str) -> None:
        stage, now, order_id = self.stage, self.stage.now, OrderId(ids.new_id())
        preference = self.dice.choice(PREFERENCES)
        contact = acceptance.Contact(text=door.label, name="顾客", phone="")
        placed = stage.act(
            lambda db: acceptance.place_order(
                db,
                order_id=order_id,
                member_id=member_id,
                token=token,
                contact=contact,
                preference=preference,
                now=now,
                tools=stage.tools,
            )
        )
        if placed is None:
            stage.counts["lost at placing"] += 1
            return
        stage.counts["orders placed"] += 1
        self.placed.append((order_id, member_id))
        if placed.pay_ref is not None and self.dice.random() >= FORGETS:
            ref, total = placed.pay_ref, placed.total_fen
            stage.agenda.after(self.dice.uniform(5, 90) * self._pace, lambda: self._pay(ref, total))
        if self.dice.random() < CHANGES_MIND:
            stage.agenda.after(self.dice.uniform(60, 1_500), lambda: self._cancel(member_id, order_id))

    def _pay(self, ref: str, total_fen: int) -> None:
        """At the sandbox's cashier; a declined card is followed by another one."""
        stage, now = self.stage, self.stage.now
        sandbox.Sandbox(stage.tools.engine).prepare(ref=ref, amount_fen=total_fen, now=now)
        paid = self.dice.random() >= CARD_DECLINED
        stage.act(lambda db: sandbox.decide(db, ref=ref, paid=paid, now=now))
        if not paid:
            stage.counts["cards declined"] += 1
            stage.agenda.after(self.dice.uniform(10, 60), lambda: self._pay(ref, total_fen))

    def _cancel(self, member_id: MemberId, order_id: OrderId) -> None:
        stage, now = self.stage, self.stage.now
        done = stage.act(
            lambda db: cancellation.cancel_order(
                db, order_id=order_id, member_id=member_id, actor=f"customer:{member_id}", reason="customer", now=now
            )
        )
        stage.counts["cancelled by customers" if done else "too late to cancel"] += 1


def _verdicts(refusal: DomainError) -> set[str]:
    """What keeps the stores from it that do deliver there."""
    considered = refusal.facts.get("considered", [])
    found = {str(one["verdict"]) for one in considered} if isinstance(considered, list) else set()
    return found - {"outside_area", "excluded_zone", "ring_hours"}

"""Clerks: take the most urgent task, walk the shelves, scan, miss a piece now and then, pack."""

import random
import uuid
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from o2o.kit.ids import StoreId
from o2o.orders.fulfilment import in_store
from o2o.picking import queries, scans, shorts
from o2o.picking.schemas import PickLineOut, PickTaskOut
from o2o.simulation.stage import Stage

LOOK_S = {True: 300, False: 6}
"""How often an idle clerk looks at the queue when it has not beeped: without an audience, and in a living demo."""
MISSING, REJECTS = 0.012, 0.004
LEAVES_TO_PEOPLE_S = 90
"""Where a person keeps a store's tablet, the simulated clerk takes only what has waited this long."""


@dataclass
class ClerkPlayer:
    """One pair of hands at one store, a task at a time; a store's hands share its account."""

    stage: Stage
    clerk_id: uuid.UUID
    store_id: StoreId
    hand: int
    shared: bool = False
    dice: random.Random = field(init=False)
    _left: list[PickTaskOut] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = self.stage.dice(f"clerk:{self.clerk_id}:{self.hand}")

    def begin(self, *, first_after: float) -> None:
        """Look at the queue from then on; what was begun before a restart is finished first."""
        self.stage.agenda.after(first_after, self._resume)

    def _resume(self) -> None:
        if self.hand == 0:
            begun = self.stage.look(lambda db: queries.tasks(db, store_id=self.store_id, states=("picking",)))
            self._left = [task for task in begun if task.assigned_to == self.clerk_id]
        self._look()

    def _look(self) -> None:
        task = self._left.pop() if self._left else self.stage.look(lambda db: next(iter(self._queue(db)), None))
        if task is None:
            self._rest()
            return
        now = self.stage.now
        started = self.stage.act(
            lambda db: in_store.start_picking(
                db, task_id=task.id, clerk_id=self.clerk_id, store_id=self.store_id, now=now
            )
        )
        if started is None:
            self._rest()
        elif self.dice.random() < REJECTS:
            self.stage.agenda.after(30, lambda: self._reject(task))
        else:
            usual_s = self.dice.lognormvariate(0, 0.25) * task.work_s
            self.stage.agenda.after(usual_s, lambda: self._pack(task))

    def _rest(self) -> None:
        self.stage.sleep(f"store:{self.store_id}", self.hand, LOOK_S[self.stage.inline], self._look)

    def _queue(self, db: Session) -> list[PickTaskOut]:
        waiting = queries.tasks(db, store_id=self.store_id, states=("queued",), limit=20)
        if not self.shared:
            return waiting
        return [t for t in waiting if (self.stage.now - t.opened_at).total_seconds() >= LEAVES_TO_PEOPLE_S]

    def _reject(self, task: PickTaskOut) -> None:
        now = self.stage.now
        self.stage.counts["tasks rejected"] += 1
        self.stage.act(
            lambda db: in_store.reject(
                db,
                task_id=task.id,
                clerk_id=self.clerk_id,
                store_id=self.store_id,
                reason="TOO_BUSY",
                missing=(),
                roads=self.stage.tools.roads,
                now=now,
            )
        )
        self._look()

    def _pack(self, task: PickTaskOut) -> None:
        """Every line found or reported short, then the bag is closed; a task taken away meanwhile is refused and left."""
        for line in task.lines:
            self._pick(task, line)
        now = self.stage.now
        done = self.stage.act(
            lambda db: in_store.finish_picking(
                db, task_id=task.id, clerk_id=self.clerk_id, store_id=self.store_id, now=now
            )
        )
        self.stage.counts["tasks packed"] += done is not None
        self._look()

    def _pick(self, task: PickTaskOut, line: PickLineOut) -> None:
        now = self.stage.now
        missing = sum(self.dice.random() < MISSING for _ in range(line.quantity))
        found = line.quantity - missing
        if found:
            grams = round(found * line.piece_g * self.dice.uniform(0.92, 1.08)) if line.weighed else 0
            self.stage.act(
                lambda db: scans.scan(
                    db,
                    task_id=task.id,
                    store_id=self.store_id,
                    scan_id=f"{task.id.hex[-12:]}-{line.sku}",
                    sku=line.sku,
                    quantity=found,
                    weight_g=grams,
                    clerk_id=self.clerk_id,
                    now=now,
                )
            )
        if missing:
            self.stage.counts["pieces short"] += missing
            self.stage.act(
                lambda db: shorts.report_short(
                    db,
                    task_id=task.id,
                    store_id=self.store_id,
                    sku=line.sku,
                    quantity=missing,
                    reason="MISMATCH",
                    now=now,
                )
            )

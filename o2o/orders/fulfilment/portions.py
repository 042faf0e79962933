"""What was in the bags for each line: the pieces that were ordered, and what stands for those that were not there.

Each has its own share of what its line was charged, so that whatever comes back is paid for at what it cost.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.kit.ids import Sku
from o2o.kit.money import split
from o2o.orders import pricing, records
from o2o.orders.models import OrderLine, OrderSubstitute
from o2o.orders.pricing import Charged
from o2o.picking.pick_tasks import Picked

Key = tuple[int, str]
"""A line's number, and the SKU of the goods."""


@dataclass(frozen=True, slots=True)
class Portion:
    """`quantity` pieces of a line that are one SKU, what they were charged, the points they keep, how many came back."""

    no: int
    sku: Sku
    quantity: int
    charged_fen: int
    points_kept: int
    returned: int

    @property
    def left(self) -> int:
        """Pieces that have not come back."""
        return self.quantity - self.returned


def keep(db: Session, line: OrderLine, parts: Sequence[Picked], *, found_fen: int, charged: Charged) -> None:
    """Write down what stood for the missing pieces of a line, each SKU once, with its share of the charge and of the points.

    `found_fen`: the price of the ordered pieces that were found, before discounts.
    """
    worth: dict[Sku, tuple[int, int]] = {}
    for one in parts:
        if one.substitute_sku is not None and one.substitute_quantity:
            quantity, fen = worth.get(one.substitute_sku, (0, 0))
            worth[one.substitute_sku] = quantity + one.substitute_quantity, fen + one.substitute_fen
    if not worth:
        return
    weights = pricing.weights(line.gross_fen, found_fen=found_fen, instead_fen=[fen for _, fen in worth.values()])
    shares, kept = split(charged.due_fen, weights)[1:], split(charged.points, weights)[1:]
    known = goods.get_many(db, skus=list(worth))
    for (sku, (quantity, _)), share, points in zip(worth.items(), shares, kept, strict=True):
        names = (known[sku].name_zh, known[sku].name_en) if sku in known else (sku, sku)
        db.add(
            OrderSubstitute(
                order_id=line.order_id, no=line.no, sku=sku, name_zh=names[0], name_en=names[1], quantity=quantity,
                charged_fen=share, points_kept=points, returned=0,
            )
        )  # fmt: skip


def of_order(db: Session, order_id: uuid.UUID) -> dict[Key, Portion]:
    """All portions of a charged order, line by line; what stands for something else comes before what was ordered."""
    instead = substitutes(db, order_id)
    found: dict[Key, Portion] = {}
    for line in records.lines_of(db, order_id):
        mine = instead.get(line.no, [])
        for one in mine:
            key = one.no, one.sku
            found[key] = Portion(one.no, Sku(one.sku), one.quantity, one.charged_fen, one.points_kept, one.returned)
        if line.picked:
            found[line.no, line.sku] = Portion(
                line.no,
                Sku(line.sku),
                line.picked,
                (line.charged_fen or 0) - sum(one.charged_fen for one in mine),
                (line.points_kept or 0) - sum(one.points_kept for one in mine),
                line.returned - sum(one.returned for one in mine),
            )
    return found


def substitutes(db: Session, order_id: uuid.UUID) -> dict[int, list[OrderSubstitute]]:
    """What stands for missing pieces, by line number."""
    query = select(OrderSubstitute).where(OrderSubstitute.order_id == order_id)
    found: dict[int, list[OrderSubstitute]] = {}
    for row in db.scalars(query.order_by(OrderSubstitute.no, OrderSubstitute.sku)):
        found.setdefault(row.no, []).append(row)
    return found


def come_back(db: Session, order_id: uuid.UUID, wanted: Mapping[Key, int]) -> None:
    """Count pieces that came back, on their lines and on the substitutes among them."""
    instead = {(one.no, one.sku): one for rows in substitutes(db, order_id).values() for one in rows}
    lines = {line.no: line for line in records.lines_of(db, order_id)}
    for (no, sku), quantity in wanted.items():
        lines[no].returned += quantity
        if (no, sku) in instead:
            instead[no, sku].returned += quantity
    db.flush()


def of_part(picked: Sequence[Picked], lines: Sequence[OrderLine]) -> dict[Key, int]:
    """What one store's part brought, for `give_back_pieces`."""
    numbers = {line.sku: line.no for line in lines}
    found: dict[Key, int] = {}
    for one in picked:
        no = numbers[one.sku]
        for sku, quantity in ((one.sku, one.picked), (one.substitute_sku, one.substitute_quantity)):
            if sku is not None and quantity:
                found[no, sku] = found.get((no, sku), 0) + quantity
    return found

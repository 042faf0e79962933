"""A line of stock: so many of a SKU. The value that every activity here takes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from o2o.kit.errors import Invalid

QUANTITY_MAX = 1_000_000


class BadQuantity(Invalid):
    """A quantity must be a whole number between 1 and 1,000,000, and its parts may not be more than the whole."""

    code = "inventory.bad_quantity"


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` pieces (or portions of a weighed good) of one SKU."""

    sku: str
    quantity: int


def merged(lines: Iterable[Line], *, least: int = 1) -> list[Line]:
    """The lines sorted by SKU, each SKU once.

    Raises:
        BadQuantity: a quantity is not a whole number, below `least`, or far too large.
    """
    total: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        if (
            isinstance(line.quantity, bool)
            or not isinstance(line.quantity, int)
            or not least <= line.quantity <= QUANTITY_MAX
        ):
            raise BadQuantity(field="quantity", sku=line.sku)
        total[line.sku] += line.quantity
    if any(quantity > QUANTITY_MAX for quantity in total.values()):
        raise BadQuantity(field="quantity")
    return [Line(sku, total[sku]) for sku in sorted(total)]

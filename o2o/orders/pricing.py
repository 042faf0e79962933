"""The one pricing path: what a basket costs, what each line's share of every discount is, and what is left to pay after picking.

Pure. Weighed goods are priced at a ceiling when ordered and at the scale when picked; the second never exceeds the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from o2o.kit.errors import Invalid
from o2o.kit.ids import Sku
from o2o.kit.money import FEN_MAX, split
from o2o.kit.values import value

WEIGHT_TOLERANCE_PCT = 10
"""How much heavier than ordered a weighed piece may be charged; what is heavier still is given, not charged."""


class AmountTooLarge(Invalid):
    """The basket is worth more than can be counted."""

    code = "orders.amount_too_large"


@value(frozen=True, slots=True)
class Item:
    """A wanted line: `price_fen` for a piece, or for a kilogram of weighed goods, whose piece is about `weight_g` heavy."""

    sku: Sku
    quantity: int
    price_fen: int
    weighed: bool = False
    weight_g: int = 0
    actual_g: int | None = None
    """Known weight of the whole line, when it was weighed before it was priced (at the till)."""


@value(frozen=True, slots=True)
class PricedLine:
    """A line's part of the total: gross - coupon - points = due, all in fen; `points` is how many points that share took."""

    sku: Sku
    quantity: int
    unit_price_fen: int
    gross_fen: int
    coupon_fen: int
    points: int
    points_fen: int
    due_fen: int


@value(frozen=True, slots=True)
class Priced:
    """A basket with its price. `total_fen` is the sum of the lines' dues and the fee, to the fen."""

    lines: tuple[PricedLine, ...]
    goods_fen: int
    coupon_fen: int
    points: int
    points_fen: int
    fee_fen: int
    total_fen: int


@dataclass(frozen=True, slots=True)
class Charged:
    """What a line costs after picking: its money, and how many of its points it kept."""

    due_fen: int
    gross_fen: int
    points: int
    points_fen: int


def by_weight(price_fen: int, weight_g: int) -> int:
    """The price of so many grams at so much a kilogram, half a fen rounded up."""
    return (price_fen * weight_g + 500) // 1000


def gross(item: Item) -> int:
    """A line's price before discounts; of weighed goods the ceiling, or the scale's word where it is known."""
    if not item.weighed:
        return item.price_fen * item.quantity
    if item.actual_g is not None:
        return by_weight(item.price_fen, item.actual_g)
    return ceiling(item.price_fen, item.weight_g * item.quantity)


def ceiling(price_fen: int, weight_g: int) -> int:
    """The most that weighed goods ordered at `weight_g` may cost, rounded up."""
    return -(-price_fen * weight_g * (100 + WEIGHT_TOLERANCE_PCT) // 100_000)


def price_basket(
    items: Sequence[Item], *, coupon_fen: int = 0, points: int = 0, points_fen: int = 0, fee_fen: int = 0
) -> Priced:
    """The basket's price. The coupon is capped at the goods, the points' value at what the coupon left; neither pays the fee.

    Each discount is shared among the lines by largest remainder, the coupon by gross, the points by what the coupon left.

    Raises:
        AmountTooLarge: the goods are worth more than FEN_MAX.
        ValueError: no items, or a negative discount.
    """
    if not items or min(coupon_fen, points, points_fen, fee_fen) < 0:
        raise ValueError("a basket has lines, and its discounts and fee are not negative")
    grosses = [gross(item) for item in items]
    goods = sum(grosses)
    if goods > FEN_MAX:
        raise AmountTooLarge(field="lines", most_fen=FEN_MAX)
    coupon = min(coupon_fen, goods)
    coupons = split(coupon, grosses)
    left = [line - share for line, share in zip(grosses, coupons, strict=True)]
    worth = min(points_fen, sum(left))
    worths = split(worth, left)
    counts = split(points if worth else 0, worths)
    lines = tuple(
        PricedLine(item.sku, item.quantity, item.price_fen, g, c, n, w, g - c - w)
        for item, g, c, n, w in zip(items, grosses, coupons, counts, worths, strict=True)
    )
    kept = points if worth else 0
    return Priced(lines, goods, coupon, kept, worth, fee_fen, goods - coupon - worth + fee_fen)


def gross_of_picked(line: PricedLine, *, picked: int, weighed: bool = False, weight_g: int = 0) -> int:
    """The price of `picked` pieces (of weighed goods: of `weight_g` in all) before discounts, never above what was agreed."""
    if weighed:
        return min(by_weight(line.unit_price_fen, weight_g), line.gross_fen) if picked else 0
    return line.gross_fen * min(picked, line.quantity) // line.quantity


def charge(line: PricedLine, *, gross_fen: int) -> Charged:
    """What a line costs when the goods picked for it (substitutes at their own price included) come to `gross_fen`.

    Never more than was agreed. The discounts shrink with the line, all rounded in the customer's favour.
    """
    actual = min(gross_fen, line.gross_fen)
    if actual == line.gross_fen:
        return Charged(line.due_fen, line.gross_fen, line.points, line.points_fen)
    return Charged(
        line.due_fen * actual // line.gross_fen,
        actual,
        line.points * actual // line.gross_fen,
        line.points_fen * actual // line.gross_fen,
    )


def instead(line: PricedLine, *, missing: int, fen: int) -> tuple[int, int]:
    """What `missing` pieces of a line would have cost, and what goods worth `fen` cost in their place: never more than those."""
    found = line.gross_fen * (line.quantity - missing) // line.quantity
    without = charge(line, gross_fen=found).due_fen
    return line.due_fen - without, charge(line, gross_fen=found + fen).due_fen - without


def weights(line_fen: int, *, found_fen: int, instead_fen: Sequence[int]) -> list[int]:
    """By what the charge of a line is shared: the pieces that were found by their price, and what stands for the others by its own,
    together by no more than those others would have cost: a dear substitute takes nothing from what was found.
    """
    room = max(0, line_fen - found_fen)
    return [found_fen, *(instead_fen if sum(instead_fen) <= room else split(room, instead_fen))]


def refund_for(*, charged_fen: int, quantity: int, returned_before: int, returning: int) -> int:
    """Fen owed for `returning` of `quantity` pieces charged `charged_fen`, so that the parts of a full return sum to it.

    Raises:
        ValueError: more would come back than was sold.
    """
    if returning < 1 or returned_before + returning > quantity:
        raise ValueError("cannot return more than was sold")
    return charged_fen * (returned_before + returning) // quantity - charged_fen * returned_before // quantity


def merged(lines: Sequence[tuple[Sku, int]]) -> dict[Sku, int]:
    """The same SKU twice in one basket is one line; SKUs keep the order in which they first came."""
    wanted: dict[Sku, int] = {}
    for sku, quantity in lines:
        wanted[sku] = wanted.get(sku, 0) + quantity
    return wanted

"""The states of an order and of its shipments, and the only moves between them. Pure.

An order's state is derived from its shipments; what nobody but the order knows (paid, expired, unfillable, completed) is its own.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from o2o.kit.errors import Conflict


class OrderState(StrEnum):
    """Where an order is in its life."""

    PLACED = "placed"
    """Stock is held; waiting for the payment."""
    PAID = "paid"
    """The store may start."""
    PICKING = "picking"
    PACKED = "packed"
    """Everything is packed: waiting for the rider, or for the customer at the counter, or under way."""
    DELIVERED = "delivered"
    """In the customer's hands; the return window runs."""
    COMPLETED = "completed"
    EXPIRED = "expired"
    """Not paid in time. A late payment may still revive it, while stock lasts."""
    UNFILLABLE = "unfillable"
    """Paid, and no store can do it: stands in a visible queue until someone finds a store or gives the money back."""
    CANCELLED = "cancelled"


class ShipmentState(StrEnum):
    """Where one store's part of an order is."""

    HELD = "held"
    OPEN = "open"
    PICKING = "picking"
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    """The rider has it."""
    DELIVERED = "delivered"
    REJECTED = "rejected"
    """The store could not; another attempt has taken its place, or none was found."""
    RETURNED = "returned"
    """Could not be delivered and came back."""
    CANCELLED = "cancelled"


_O, _S = OrderState, ShipmentState

MOVES: Mapping[OrderState, frozenset[OrderState]] = {
    _O.PLACED: frozenset({_O.PAID, _O.EXPIRED, _O.CANCELLED}),
    _O.EXPIRED: frozenset({_O.PAID, _O.CANCELLED}),
    _O.PAID: frozenset({_O.PICKING, _O.UNFILLABLE, _O.CANCELLED}),
    _O.PICKING: frozenset({_O.PACKED, _O.PAID, _O.DELIVERED, _O.UNFILLABLE, _O.CANCELLED}),
    _O.PACKED: frozenset({_O.DELIVERED, _O.CANCELLED}),
    _O.UNFILLABLE: frozenset({_O.PAID, _O.CANCELLED}),
    _O.DELIVERED: frozenset({_O.COMPLETED}),
    _O.COMPLETED: frozenset(),
    _O.CANCELLED: frozenset(),
}

SHIPMENT_MOVES: Mapping[ShipmentState, frozenset[ShipmentState]] = {
    _S.HELD: frozenset({_S.OPEN, _S.CANCELLED}),
    _S.OPEN: frozenset({_S.PICKING, _S.REJECTED, _S.CANCELLED}),
    _S.PICKING: frozenset({_S.PACKED, _S.OPEN, _S.REJECTED, _S.CANCELLED}),
    _S.PACKED: frozenset({_S.HANDED_OVER, _S.DELIVERED, _S.RETURNED, _S.CANCELLED}),
    _S.HANDED_OVER: frozenset({_S.DELIVERED, _S.RETURNED, _S.PACKED}),
    _S.DELIVERED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.RETURNED: frozenset(),
    _S.CANCELLED: frozenset(),
}

LIVE_SHIPMENT = frozenset({_S.HELD, _S.OPEN, _S.PICKING, _S.PACKED, _S.HANDED_OVER})
"""A shipment that a store answers for now."""
CANCELLABLE = frozenset({_O.PLACED, _O.PAID, _O.PICKING, _O.PACKED, _O.UNFILLABLE})
"""Where a customer may still ask; a packed order only until the rider has it."""
_PROGRESS = (_S.HELD, _S.OPEN, _S.PICKING, _S.PACKED, _S.HANDED_OVER, _S.DELIVERED)
_AS_ORDER = {
    _S.HELD: _O.PLACED,
    _S.OPEN: _O.PAID,
    _S.PICKING: _O.PICKING,
    _S.PACKED: _O.PACKED,
    _S.HANDED_OVER: _O.PACKED,
    _S.DELIVERED: _O.DELIVERED,
}


class IllegalMove(Conflict):
    """The order cannot go from the state it is in to the one asked for."""

    code = "orders.illegal_move"


def check_move(state: OrderState, to: OrderState) -> None:
    """Raises IllegalMove unless `to` follows `state`."""
    if to not in MOVES[state]:
        raise IllegalMove(state=state.value, to=to.value)


def check_shipment_move(state: ShipmentState, to: ShipmentState) -> None:
    """Raises IllegalMove unless `to` follows `state`."""
    if to not in SHIPMENT_MOVES[state]:
        raise IllegalMove(state=state.value, to=to.value, what="shipment")


def derive(shipments: Iterable[ShipmentState]) -> OrderState:
    """The order's state from all its shipments, past attempts included.

    An order is as far as its slowest live part, except that picking begins with the first; parts that fell away hold nothing up.
    With no live part left it is unfillable when stores rejected it before anything left a store, else cancelled. Completed and
    expired are not derived: they are the order's own.
    """
    states = list(shipments)
    live = [state for state in states if state in _PROGRESS]
    if not live:
        unfillable = ShipmentState.REJECTED in states and ShipmentState.RETURNED not in states
        return OrderState.UNFILLABLE if unfillable else OrderState.CANCELLED
    slowest = min(live, key=_PROGRESS.index)
    if slowest is ShipmentState.OPEN and any(_PROGRESS.index(state) >= 2 for state in live):
        return OrderState.PICKING
    return _AS_ORDER[slowest]

"""What must hold of every order at every moment: totals, states, assignments. Silence means that all of it adds up."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.orders import lifecycle
from o2o.orders.lifecycle import MOVES, OrderState, ShipmentState

_CHECKS = {
    "M1 total is not the sum of its lines and fee": """
        SELECT o.id::text FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY o.id
        HAVING o.total_fen <> sum(l.due_fen) + o.fee_fen OR o.goods_fen <> sum(l.gross_fen) OR o.coupon_fen <> sum(l.coupon_fen)
          OR o.points <> sum(l.points) OR o.points_fen <> sum(l.points_fen)""",
    "M1 a line is not its price times its pieces": """
        SELECT order_id::text FROM order_lines WHERE NOT weighed AND gross_fen <> unit_price_fen * quantity""",
    "M1 an order has no payment of its total": """
        SELECT o.id::text FROM orders o WHERE o.total_fen > 0
          AND NOT EXISTS (SELECT FROM payments p WHERE p.order_id = o.id AND p.amount_fen = o.total_fen)""",
    "M5 an order goes on that nobody paid": """
        SELECT o.id::text FROM orders o WHERE o.channel = 'app' AND o.total_fen > 0 AND o.state NOT IN ('placed', 'expired', 'cancelled')
          AND NOT EXISTS (SELECT FROM payments p WHERE p.order_id = o.id AND p.authorised_fen > 0)""",
    "M1 charged is not the sum of its lines and fee": """
        SELECT o.id::text FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.charged_fen IS NOT NULL GROUP BY o.id
        HAVING o.charged_fen <> sum(l.charged_fen) + o.fee_fen""",
    "M3 refunded is not the sum of its refunds": """
        SELECT o.id::text FROM orders o LEFT JOIN order_refunds r ON r.order_id = o.id GROUP BY o.id
        HAVING o.refunded_fen <> coalesce(sum(r.amount_fen), 0)""",
    "M3 goods of a line do not add up to it": """
        SELECT l.order_id::text FROM order_lines l LEFT JOIN order_substitutes s ON s.order_id = l.order_id AND s.no = l.no
        GROUP BY l.order_id, l.no
        HAVING coalesce(sum(s.quantity), 0) <> l.substitute_quantity OR sum(s.charged_fen) > l.charged_fen
          OR sum(s.points_kept) > l.points_kept OR l.returned - coalesce(sum(s.returned), 0) NOT BETWEEN 0 AND coalesce(l.picked, 0)""",
    "M5 cancelled, and not all charged was given back": """
        SELECT id::text FROM orders WHERE state = 'cancelled' AND coalesce(charged_fen, 0) <> refunded_fen""",
    "O1 an order has no lines": """
        SELECT o.id::text FROM orders o WHERE NOT EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id)""",
    "O1 an order has no part": """
        SELECT o.id::text FROM orders o WHERE o.channel = 'app' AND NOT EXISTS (SELECT FROM shipments s WHERE s.order_id = o.id)""",
    # Stock and money can be tried without a hall above them: only a house that has orders has strangers among them.
    "O1 a payment is of no order": """
        SELECT p.id::text FROM payments p LEFT JOIN orders o ON o.id = p.order_id
        WHERE o.id IS NULL AND EXISTS (SELECT FROM orders)""",
    "O1 a reservation is of no order": """
        SELECT r.order_id::text FROM reservations r LEFT JOIN orders o ON o.id = r.order_id
        WHERE r.state IN ('held', 'committed') AND o.id IS NULL AND EXISTS (SELECT FROM orders)""",
    "O2 state is not the last history row": """
        SELECT o.id::text FROM orders o LEFT JOIN order_history h ON h.order_id = o.id AND h.version = o.version
        WHERE h.state IS DISTINCT FROM o.state OR EXISTS (
          SELECT FROM order_history n WHERE n.order_id = o.id AND n.version > o.version)""",
    "O2 history is not contiguous": """
        SELECT o.id::text FROM orders o JOIN order_history h ON h.order_id = o.id GROUP BY o.id
        HAVING count(*) <> o.version OR min(h.version) <> 1""",
    "O2 history does not follow on": """
        SELECT h.order_id::text FROM order_history h
        LEFT JOIN order_history p ON p.order_id = h.order_id AND p.version = h.version - 1
        WHERE h.was IS DISTINCT FROM p.state""",
    "O3 a reservation is not where its shipment is": """
        SELECT s.order_id::text FROM shipments s LEFT JOIN reservations r
          ON r.order_id = s.order_id AND r.id = s.reservation_id AND r.store_id = s.store_id AND r.state IN ('held', 'committed')
        WHERE s.state IN ('open', 'picking') AND r.id IS NULL""",
    "O3 a part is not what is kept for it": """
        SELECT s.order_id::text FROM shipments s LEFT JOIN reservations r ON r.order_id = s.order_id AND r.id = s.reservation_id
        WHERE s.state IN ('held', 'open', 'picking') AND cardinality(s.skus) > 0
          AND (r.id IS NULL OR r.skus <> s.skus OR r.quantities <> s.quantities)""",
    "O4 a hold does not end with the time to pay": """
        SELECT o.id::text FROM orders o JOIN reservations r ON r.order_id = o.id AND r.state = 'held'
        WHERE o.state = 'placed' AND r.expires_at IS DISTINCT FROM o.pay_by""",
    "I3 what was packed is not what left the shelf": """
        SELECT s.order_id::text FROM shipments s, LATERAL (
            SELECT sum(l.picked + CASE l.consent WHEN 'approved' THEN l.substitute_quantity ELSE 0 END) AS pieces
              FROM pick_lines l WHERE l.task_id = s.task_id) p, LATERAL (
            SELECT coalesce(-sum(e.delta), 0) AS pieces FROM stock_entries e
             WHERE e.cause = s.id AND e.store_id = s.store_id AND e.bucket = 'on_hand' AND e.kind = 'pick') e
        WHERE s.state IN ('packed', 'handed_over', 'delivered', 'returned') AND p.pieces <> e.pieces""",
    "I3 what was sold at the till is not what left the shelf": """
        SELECT o.id::text FROM orders o JOIN order_lines l ON l.order_id = o.id
        LEFT JOIN stock_entries e
          ON e.cause = o.id AND e.store_id = o.store_id AND e.sku = l.sku AND e.bucket = 'on_hand' AND e.kind = 'sale'
        WHERE o.channel = 'till' AND coalesce(-e.delta, 0) <> l.quantity""",
    "O3 a reservation has no shipment": """
        SELECT r.order_id::text FROM reservations r JOIN orders o ON o.id = r.order_id
        WHERE r.state = 'committed' AND NOT EXISTS (
          SELECT FROM shipments s WHERE s.order_id = r.order_id AND s.reservation_id = r.id
            AND s.state IN ('held', 'open', 'picking'))""",
    "O3 an open shipment has no open pick task": """
        SELECT s.order_id::text FROM shipments s LEFT JOIN pick_tasks t ON t.shipment_id = s.id
        WHERE s.state IN ('open', 'picking') AND t.state IS DISTINCT FROM CASE s.state WHEN 'open' THEN 'queued' ELSE 'picking' END
          AND NOT EXISTS (SELECT FROM slot_bookings b WHERE b.order_id = s.order_id AND b.state = 'kept' AND b.opened_at IS NULL)""",
    "O3 an order has work before its window is near": """
        SELECT b.order_id::text FROM slot_bookings b JOIN pick_tasks t ON t.order_id = b.order_id AND t.state IN ('queued', 'picking')
        WHERE b.state = 'kept' AND b.opened_at IS NULL""",
    "O3 an ended shipment has an open pick task": """
        SELECT s.order_id::text FROM shipments s JOIN pick_tasks t ON t.shipment_id = s.id AND t.state IN ('queued', 'picking')
        WHERE s.state NOT IN ('open', 'picking')""",
    "O3 a live delivery order has no ride": """
        SELECT s.order_id::text FROM shipments s JOIN orders o ON o.id = s.order_id AND o.method = 'delivery'
        LEFT JOIN deliveries d ON d.shipment_id = s.id
        WHERE s.state IN ('open', 'picking', 'packed', 'handed_over') AND (d.id IS NULL OR d.state = 'cancelled')
          AND NOT EXISTS (SELECT FROM slot_bookings b WHERE b.order_id = s.order_id AND b.state = 'kept' AND b.opened_at IS NULL)""",
    "O3 an ended shipment has a ride that nobody called off": """
        SELECT s.order_id::text FROM shipments s JOIN deliveries d ON d.shipment_id = s.id AND d.ended_at IS NULL
        WHERE s.state IN ('rejected', 'cancelled')""",
    "O4 a state that must end has no deadline": """
        SELECT id::text FROM orders WHERE state IN ('placed', 'unfillable', 'expired', 'delivered') AND due_at IS NULL""",
}

_LEGAL = ", ".join(f"('{was}', '{state}')" for was, states in MOVES.items() for state in sorted(states))
_ALL = text(
    " UNION ALL ".join(
        [f"SELECT 'orders: {what}: ' || c.id FROM ({query}) AS c(id)" for what, query in _CHECKS.items()]
        + [f"""SELECT DISTINCT 'orders: O2 illegal move ' || was || ' -> ' || state FROM order_history
                WHERE was IS NOT NULL AND (was, state) NOT IN ({_LEGAL})"""]
    )
)  # fmt: skip
_STATES = text(
    """SELECT o.id::text, o.state, array_agg(s.state::text) FROM orders o JOIN shipments s ON s.order_id = o.id
       WHERE o.state NOT IN ('expired', 'completed') GROUP BY o.id"""
)


def differences(db: Session) -> list[str]:
    """One line for each thing that does not add up."""
    found = list(db.scalars(_ALL))
    for order_id, state, shipments in db.execute(_STATES):
        derived = lifecycle.derive(ShipmentState(one) for one in shipments)
        if derived.value != state and not (state == "cancelled" and derived is OrderState.UNFILLABLE):
            found.append(f"orders: O2 {order_id} is {state}, its shipments say {derived.value}")
    return found

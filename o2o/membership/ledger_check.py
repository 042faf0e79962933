"""Compares every number of this room with the ledger it comes from, all in one statement. Nothing may differ, ever; read only."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_CHECKS = {
    "a lot is not the sum of its ledger": """
        select l.id::text, format('lot %s/%s/%s, ledger %s/%s/%s', l.pending, l.active, l.held, e.pending, e.active, e.held)
        from points_lots l left join lateral (
            select coalesce(sum(pending), 0) pending, coalesce(sum(active), 0) active, coalesce(sum(held), 0) held
            from points_entries where lot_id = l.id) e on true
        where (l.pending, l.active, l.held) is distinct from (e.pending, e.active, e.held)""",
    "a member is not the sum of the ledger": """
        select m.id::text, format('member %s/%s/%s/%s, ledger %s/%s/%s/%s', m.pending, m.active, m.held, m.debt,
            e.pending, e.active, e.held, e.debt)
        from members m left join lateral (
            select coalesce(sum(pending), 0) pending, coalesce(sum(active), 0) active, coalesce(sum(held), 0) held,
                coalesce(sum(debt), 0) debt
            from points_entries where member_id = m.id) e on true
        where (m.pending, m.active, m.held, m.debt) is distinct from (e.pending, e.active, e.held, e.debt)""",
    "a member is not the sum of the lots": """
        select m.id::text, format('member %s/%s/%s, lots %s/%s/%s', m.pending, m.active, m.held, l.pending, l.active, l.held)
        from members m left join lateral (
            select coalesce(sum(pending), 0) pending, coalesce(sum(active), 0) active, coalesce(sum(held), 0) held
            from points_lots where member_id = m.id) l on true
        where (m.pending, m.active, m.held) is distinct from (l.pending, l.active, l.held)""",
    "a member owes points and has some to spend": """
        select id::text, format('debt %s, active %s', debt, active) from members where debt > 0 and active > 0""",
    "a hold is not the sum of its parts": """
        select h.order_id::text, format('hold %s restored %s, parts %s restored %s', h.points, h.restored, p.points, p.restored)
        from points_holds h left join lateral (
            select coalesce(sum(points), 0) points, coalesce(sum(restored), 0) restored
            from points_hold_parts where order_id = h.order_id and turn = h.turn) p on true
        where (h.points, h.restored) is distinct from (p.points, p.restored)""",
    "what members have held is not what orders hold": """
        select m.id::text, format('member %s, orders %s', m.held, h.points)
        from members m left join lateral (
            select coalesce(sum(points), 0) points from points_holds where member_id = m.id and state = 'held') h on true
        where m.held <> h.points""",
    "refunds took back something else than the lots say": """
        select l.id::text, format('lot %s, refunds %s', l.clawed, r.taken)
        from points_lots l left join lateral (
            select coalesce(sum(taken_back), 0) taken from points_reversals where order_id = l.order_id) r on true
        where l.kind = 'earn' and l.clawed <> r.taken""",
    "a line of the ledger belongs to another member than its lot": """
        select e.id::text, e.cause from points_entries e join points_lots l on l.id = e.lot_id
        where l.member_id <> e.member_id""",
    "a coupon is not where its last move put it": """
        select c.id::text, format('coupon %s of %s, last move %s of %s', c.state, c.order_id, e.state, e.order_id)
        from coupons c left join lateral (
            select state, order_id from coupon_entries where coupon_id = c.id order by id desc limit 1) e on true
        where (c.state, c.order_id) is distinct from (e.state, e.order_id)""",
}

_ALL = text(
    " UNION ALL ".join(
        f"SELECT format('membership: {wrong}: %s (%s)', place, how) FROM ({query}) AS c(place, how)"
        for wrong, query in _CHECKS.items()
    )
)


def differences(db: Session) -> list[str]:
    """One line for each thing that differs: what is wrong, where, and both numbers. Empty when all is well."""
    return list(db.scalars(_ALL))

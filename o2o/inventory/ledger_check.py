"""Do the books agree? Every number kept beside its ledger is compared with it, in one statement; what differs is said in words."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_BUCKETS = """
    WITH kept AS (
      SELECT store_id, sku, b.bucket, b.units FROM stock_items s, LATERAL (VALUES ('on_hand', s.on_hand), ('reserved', s.reserved),
             ('damaged', s.damaged), ('quality_control', s.quality_control), ('in_transit', s.in_transit)) AS b(bucket, units)
      UNION ALL SELECT store_id, sku, 'lot:' || code, quantity FROM stock_lots
      UNION ALL SELECT store_id, sku, 'flash', sum(free)::int FROM flash_buckets GROUP BY 1, 2),
    booked AS (SELECT store_id, sku, bucket, sum(delta) AS units FROM stock_entries GROUP BY 1, 2, 3)
    SELECT format('I3 %s %s: %s is %s, its ledger says %s', coalesce(k.store_id, l.store_id), coalesce(k.sku, l.sku),
                  coalesce(k.bucket, l.bucket), coalesce(k.units, 0), coalesce(l.units, 0))
      FROM kept k FULL JOIN booked l ON l.store_id = k.store_id AND l.sku = k.sku AND l.bucket = k.bucket
     WHERE coalesce(k.units, 0) <> coalesce(l.units, 0)"""

_RESERVED = """
    WITH live AS (
      SELECT r.store_id, u.sku, sum(u.quantity) AS units FROM reservations r, unnest(r.skus, r.quantities) AS u(sku, quantity)
       WHERE r.state IN ('held', 'committed') GROUP BY 1, 2),
    promised AS (
      SELECT store_id, sku, sum(units) AS units FROM (
        SELECT * FROM live UNION ALL SELECT store_id, sku, sum(free) FROM flash_buckets GROUP BY 1, 2) p GROUP BY 1, 2)
    SELECT format('I4 %s %s: reserved is %s, live promises and offers sum to %s', coalesce(s.store_id, p.store_id),
                  coalesce(s.sku, p.sku), coalesce(s.reserved, 0), coalesce(p.units, 0))
      FROM stock_items s FULL JOIN promised p ON p.store_id = s.store_id AND p.sku = s.sku
     WHERE coalesce(s.reserved, 0) <> coalesce(p.units, 0)"""

_ENDINGS = """
    SELECT format('I4 reservation %s is %s, its ledger still keeps %s of %s', r.id, r.state, e.units, e.sku) FROM reservations r
      JOIN (SELECT cause, sku, sum(delta) AS units FROM stock_entries
             WHERE bucket = 'reserved' AND kind IN ('hold', 'rehold', 'consume', 'release', 'expire') GROUP BY 1, 2) e ON e.cause = r.id
     WHERE e.units <> CASE WHEN r.state IN ('held', 'committed')
                           THEN (SELECT u.quantity FROM unnest(r.skus, r.quantities) AS u(sku, quantity) WHERE u.sku = e.sku) ELSE 0 END"""

_ENDED = """
    SELECT format('I4 reservation %s is %s, its ledger never says so', r.id, r.state) FROM reservations r
     WHERE r.state IN ('consumed', 'released', 'expired') AND NOT EXISTS (
           SELECT FROM stock_entries e WHERE e.cause = r.id AND e.store_id = r.store_id AND e.bucket = 'reserved'
              AND e.kind = CASE r.state WHEN 'consumed' THEN 'consume' WHEN 'released' THEN 'release' ELSE 'expire' END)"""

_SHORT = """
    SELECT format('I1 %s %s: reserved %s, damaged %s, quality control %s of %s on hand, short is %s', store_id, sku, reserved, damaged,
                  quality_control, on_hand, short)
      FROM stock_items WHERE short <> (reserved + damaged + quality_control > on_hand)"""

_DISCREPANCIES = """
    SELECT format('I1 I2 %s %s: short is %s, an open discrepancy is %s', s.store_id, s.sku, s.short, d.id IS NOT NULL) FROM stock_items s
      LEFT JOIN stock_discrepancies d ON d.store_id = s.store_id AND d.sku = s.sku AND d.closed_at IS NULL
     WHERE s.short <> (d.id IS NOT NULL)"""

_LOTS = """
    SELECT format('I3 %s %s: lots sum to %s of %s on hand', s.store_id, s.sku, l.units, s.on_hand) FROM stock_items s
      JOIN (SELECT store_id, sku, sum(quantity) AS units FROM stock_lots GROUP BY 1, 2) l ON l.store_id = s.store_id AND l.sku = s.sku
     WHERE l.units > greatest(s.on_hand, 0)"""

_TRANSFERS = """
    SELECT format('I5 %s %s: in transit is %s, transfers on their way sum to %s', s.store_id, s.sku, s.in_transit, coalesce(t.units, 0))
      FROM stock_items s LEFT JOIN (
        SELECT CASE t.state WHEN 'back' THEN t.from_store_id ELSE t.to_store_id END AS store_id, l.sku, sum(l.quantity) AS units
          FROM stock_transfers t JOIN stock_transfer_lines l ON l.transfer_id = t.id
         WHERE t.state IN ('in_transit', 'back') GROUP BY 1, 2) t ON t.store_id = s.store_id AND t.sku = s.sku
     WHERE s.in_transit <> coalesce(t.units, 0)
    UNION ALL
    SELECT format('I5 transfer %s %s: sent %s, received %s, lost %s', t.id, l.sku, l.quantity, l.received, l.lost)
      FROM stock_transfers t JOIN stock_transfer_lines l ON l.transfer_id = t.id
     WHERE t.state IN ('received', 'taken_back') AND l.quantity <> coalesce(l.received, 0) + coalesce(l.lost, 0)
    UNION ALL
    SELECT format('I5 transfer %s %s: drafted %s, the ledger says %s left and %s came', t.id, l.sku, l.quantity, coalesce(-o.delta, 0),
                  coalesce(i.delta, 0))
      FROM stock_transfers t JOIN stock_transfer_lines l ON l.transfer_id = t.id
      LEFT JOIN stock_entries o ON o.cause = t.id AND o.store_id = t.from_store_id AND o.sku = l.sku AND o.bucket = 'on_hand'
           AND o.kind = 'transfer_out'
      LEFT JOIN stock_entries i ON i.cause = t.id AND i.sku = l.sku AND i.bucket = 'on_hand' AND i.kind = 'transfer_in'
           AND i.store_id = CASE t.state WHEN 'taken_back' THEN t.from_store_id ELSE t.to_store_id END
     WHERE coalesce(-o.delta, 0) <> CASE WHEN t.state IN ('draft', 'canceled') THEN 0 ELSE l.quantity END
        OR coalesce(i.delta, 0) <> CASE WHEN t.state IN ('received', 'taken_back') THEN l.received ELSE 0 END"""

_BLOCKED = """
    SELECT format('I1 %s %s: blocked lots sum to %s, damaged is %s', s.store_id, s.sku, l.units, s.damaged) FROM stock_items s
      JOIN (SELECT store_id, sku, sum(quantity) AS units FROM stock_lots WHERE blocked GROUP BY 1, 2) l
        ON l.store_id = s.store_id AND l.sku = s.sku
     WHERE l.units > s.damaged"""

_OFFERS = """
    SELECT format('I1 %s %s: a limited offer is said to run: %s, parts of one: %s, free in them: %s, short: %s', s.store_id, s.sku, s.flash,
                  coalesce(b.parts, 0), coalesce(b.free, 0), s.short) FROM stock_items s
      LEFT JOIN (SELECT store_id, sku, count(*) AS parts, sum(free) AS free FROM flash_buckets GROUP BY 1, 2) b
        ON b.store_id = s.store_id AND b.sku = s.sku
     WHERE s.flash <> (b.parts IS NOT NULL) OR s.short AND b.free > 0"""

_CHECKS = (_BUCKETS, _RESERVED, _ENDINGS, _ENDED, _SHORT, _DISCREPANCIES, _LOTS, _BLOCKED, _OFFERS, _TRANSFERS)
_ALL = text(" UNION ALL ".join(f"({check})" for check in _CHECKS))


def differences(db: Session) -> list[str]:
    """Every number of stock that does not follow from its ledger; empty when all is well.

    Buckets and lots are the sums of their entries; reserved is the sum of live promises and offers; a reservation ends once;
    `short` and open discrepancies say the same; an offer that runs has its parts, and gives way before anything is short; lots never
    claim more than is on hand; transfers conserve.
    """
    return list(db.scalars(_ALL))

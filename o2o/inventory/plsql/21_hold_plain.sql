-- Hold lines for several orders at once: all of them, or false and the caller must undo what was written. Only what is plainly there:
-- nothing of limited offers, nothing of holds that are due. Each row of stock is taken once, for all, in the order in which all take
-- them, and last: a hot row is locked for as short as can be.
CREATE OR REPLACE FUNCTION inventory_hold_plain(
  p_orders uuid[], p_ids uuid[], p_stores uuid[], p_skus text[], p_quantities int[], p_untils timestamptz[], p_nows timestamptz[]
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE v_row record;
BEGIN
  INSERT INTO reservations (order_id, id, store_id, skus, quantities, state, expires_at, held_at)
  SELECT l.order_id, l.id, l.store_id, array_agg(l.sku ORDER BY l.n), array_agg(l.quantity ORDER BY l.n), 'held', l.until, l.now
    FROM unnest(p_orders, p_ids, p_stores, p_skus, p_quantities, p_untils, p_nows) WITH ORDINALITY
      AS l(order_id, id, store_id, sku, quantity, until, now, n)
   GROUP BY l.order_id, l.id, l.store_id, l.until, l.now;
  INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
  SELECT l.id, l.store_id, l.sku, 'reserved', 'hold', l.quantity, l.now, l.now
    FROM unnest(p_ids, p_stores, p_skus, p_quantities, p_nows) AS l(id, store_id, sku, quantity, now);
  FOR v_row IN
    SELECT w.store_id, w.sku COLLATE "C" AS sku, sum(w.quantity)::int AS quantity
      FROM unnest(p_stores, p_skus, p_quantities) AS w(store_id, sku, quantity) GROUP BY 1, 2 ORDER BY 1, 2
  LOOP
    UPDATE stock_items SET reserved = reserved + v_row.quantity
     WHERE store_id = v_row.store_id AND sku = v_row.sku AND offered AND NOT short AND NOT flash
       AND on_hand - reserved - safety - damaged - quality_control >= v_row.quantity + threshold;
    IF NOT FOUND THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$;

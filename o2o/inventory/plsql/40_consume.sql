-- The goods of a reservation leave the shelf: what was picked falls from on_hand, the whole promise ends. Something picked
-- that was not promised (a substitute) leaves as well: the shelf is the truth. Returns the items
-- that are or were short; one row without a SKU when there is nothing live to consume.
CREATE OR REPLACE FUNCTION inventory_consume(
  p_order uuid, p_store uuid, p_skus text[], p_picked int[], p_cause uuid, p_now timestamptz
) RETURNS TABLE (sku text, was_short boolean, is_short boolean, missing int) LANGUAGE plpgsql AS $$
DECLARE v_ids uuid[]; l record; s stock_items;
BEGIN
  SELECT array_agg(d.id) INTO v_ids FROM (
    SELECT id FROM reservations WHERE order_id = p_order AND store_id = p_store AND state IN ('held', 'committed')
     ORDER BY id FOR UPDATE) d;
  IF v_ids IS NULL THEN
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
  SELECT r.id, r.store_id, u.sku, 'reserved', 'consume', -u.quantity, p_now, p_now
    FROM reservations r, unnest(r.skus, r.quantities) AS u(sku, quantity)
   WHERE r.order_id = p_order AND r.id = ANY (v_ids);
  FOR l IN
    SELECT n.sku COLLATE "C" AS sku, sum(n.kept)::int AS kept, sum(n.picked)::int AS picked FROM (
        SELECT u.sku, u.quantity AS kept, 0 AS picked FROM reservations r, unnest(r.skus, r.quantities) AS u(sku, quantity)
         WHERE r.order_id = p_order AND r.id = ANY (v_ids)
        UNION ALL SELECT p.sku, 0, p.quantity FROM unnest(p_skus, p_picked) AS p(sku, quantity)) n
     GROUP BY 1 ORDER BY 1
  LOOP
    SELECT * INTO s FROM stock_items t WHERE t.store_id = p_store AND t.sku = l.sku FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      INSERT INTO stock_items (store_id, sku) VALUES (p_store, l.sku) ON CONFLICT DO NOTHING;
      SELECT * INTO s FROM stock_items t WHERE t.store_id = p_store AND t.sku = l.sku FOR NO KEY UPDATE;
    END IF;
    sku := l.sku; was_short := s.short;
    missing := greatest(s.reserved - l.kept + s.damaged + s.quality_control - s.on_hand + l.picked, 0);
    is_short := missing > 0;
    UPDATE stock_items t SET on_hand = on_hand - l.picked, reserved = reserved - l.kept, short = is_short
     WHERE t.store_id = p_store AND t.sku = l.sku;
    IF l.picked > 0 THEN
      INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
      VALUES (p_cause, p_store, l.sku, 'on_hand', 'pick', -l.picked, p_now, p_now);
      PERFORM inventory_lots_out(p_cause, 'pick', p_store, l.sku, l.picked, p_now, p_now);
    END IF;
    IF is_short AND s.flash THEN
      missing := missing - inventory_flash_shrink(p_cause, 'pick', p_store, l.sku, missing, p_now);
      is_short := missing > 0;
    END IF;
    IF was_short AND NOT is_short THEN
      PERFORM inventory_heal(p_store, l.sku, p_now);
    END IF;
    IF is_short OR was_short THEN
      RETURN NEXT;
    END IF;
  END LOOP;
  UPDATE reservations SET state = 'consumed', ended_at = p_now, expires_at = NULL, reason = NULL
   WHERE order_id = p_order AND id = ANY (v_ids);
END $$;

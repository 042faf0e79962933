-- A shelf was counted at p_at: remember what the books say of that moment (what has happened since then is taken out again),
-- and how far the ledger had come.
CREATE OR REPLACE FUNCTION inventory_count_record(
  p_count uuid, p_store uuid, p_sku text, p_counted int, p_at timestamptz, p_by uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_on_hand int; v_since int;
BEGIN
  INSERT INTO stock_items (store_id, sku) VALUES (p_store, p_sku) ON CONFLICT DO NOTHING;
  SELECT on_hand INTO v_on_hand FROM stock_items WHERE store_id = p_store AND sku = p_sku FOR NO KEY UPDATE;
  SELECT coalesce(sum(delta), 0) INTO v_since FROM stock_entries
   WHERE store_id = p_store AND sku = p_sku AND bucket = 'on_hand' AND recorded_at > p_at AND at > p_at;
  INSERT INTO stock_count_lines (count_id, sku, expected, position, counted, counted_at, counted_by, recorded_at)
  VALUES (p_count, p_sku, v_on_hand - v_since,
          coalesce(pg_sequence_last_value(pg_get_serial_sequence('stock_entries', 'position')::regclass), 0),
          p_counted, p_at, p_by, p_now)
  ON CONFLICT (count_id, sku) DO UPDATE SET expected = excluded.expected, position = excluded.position, counted = excluded.counted,
    counted_at = excluded.counted_at, counted_by = excluded.counted_by, recorded_at = excluded.recorded_at;
END $$;

-- Post one counted line: what was sold before it was counted but told after is in the count already and is not a variance;
-- what happened after it stays as it is. A line older than the last posted count says nothing new.
CREATE OR REPLACE FUNCTION inventory_count_post(p_count uuid, p_store uuid, p_sku text, p_now timestamptz) RETURNS TABLE (
  store_id uuid, sku text, done boolean, refused boolean, was_short boolean, is_short boolean, on_hand int, missing int)
LANGUAGE plpgsql AS $$
DECLARE c stock_count_lines; v_known timestamptz; v_told int; v_delta int := 0;
BEGIN
  SELECT i.counted_at INTO v_known FROM stock_items i WHERE i.store_id = p_store AND i.sku = p_sku FOR NO KEY UPDATE;
  SELECT * INTO c FROM stock_count_lines l WHERE l.count_id = p_count AND l.sku = p_sku AND l.counted IS NOT NULL FOR UPDATE;
  IF NOT FOUND OR c.posted IS NOT NULL THEN
    RETURN;
  END IF;
  IF v_known IS NULL OR v_known <= c.counted_at THEN
    SELECT coalesce(sum(e.delta), 0) INTO v_told FROM stock_entries e
     WHERE e.store_id = p_store AND e.sku = p_sku AND e.bucket = 'on_hand' AND e.position > c.position
       AND (e.at < c.counted_at OR e.kind = 'count' AND e.at = c.counted_at)
       AND e.recorded_at > c.recorded_at - interval '1 hour';
    v_delta := c.counted - c.expected - v_told;
    UPDATE stock_items i SET counted_at = c.counted_at WHERE i.store_id = p_store AND i.sku = p_sku;
  END IF;
  UPDATE stock_count_lines l SET posted = v_delta WHERE l.count_id = p_count AND l.sku = p_sku;
  IF v_delta <> 0 THEN
    RETURN QUERY SELECT * FROM inventory_move(p_count, 'count', ARRAY[p_store], ARRAY[p_sku], ARRAY[v_delta], ARRAY[0], ARRAY[0],
      ARRAY[0], '{}', '{}', '{}', '{}', '{}', '{}', c.counted_at, p_now, false, false);
  END IF;
END $$;

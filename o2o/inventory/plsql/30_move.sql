-- Take units from the lots of an item (locked and already lowered by the caller), first expired first; what no lot has was
-- untracked. Lots set apart are touched only when even they cannot be there any more.
CREATE OR REPLACE FUNCTION inventory_lots_out(
  p_cause uuid, p_kind text, p_store uuid, p_sku text, p_quantity int, p_at timestamptz, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_left int := p_quantity; v_part int; l record;
BEGIN
  FOR l IN SELECT code, quantity, blocked FROM stock_lots
            WHERE store_id = p_store AND sku = p_sku AND quantity > 0
            ORDER BY blocked, expires_on NULLS LAST, received_at, code
  LOOP
    IF l.blocked THEN
      SELECT least(v_left, (SELECT sum(t.quantity) FROM stock_lots t WHERE t.store_id = p_store AND t.sku = p_sku)
                           - greatest(s.on_hand, 0))
        INTO v_left FROM stock_items s WHERE s.store_id = p_store AND s.sku = p_sku;
    END IF;
    EXIT WHEN v_left <= 0;
    v_part := least(l.quantity, v_left);
    UPDATE stock_lots SET quantity = quantity - v_part WHERE store_id = p_store AND sku = p_sku AND code = l.code;
    INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
    VALUES (p_cause, p_store, p_sku, 'lot:' || l.code, p_kind || '_fefo', -v_part, p_at, p_now);
    v_left := v_left - v_part;
  END LOOP;
END $$;

-- One signed change of one named lot. What comes in first fills what the shelf was below zero. Pieces under one code have one date, the
-- earlier of those they came with; the code of a lot that is gone may name another one.
CREATE OR REPLACE FUNCTION inventory_lot_change(
  p_cause uuid, p_kind text, p_store uuid, p_sku text, p_code text, p_expires date, p_blocked boolean, p_quantity int,
  p_at timestamptz, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_room int; v_quantity int := p_quantity;
BEGIN
  IF p_quantity > 0 THEN
    SELECT greatest(s.on_hand, 0) - coalesce((SELECT sum(quantity) FROM stock_lots t WHERE t.store_id = p_store AND t.sku = p_sku), 0)
      INTO v_room FROM stock_items s WHERE s.store_id = p_store AND s.sku = p_sku;
    v_quantity := greatest(least(p_quantity, v_room), 0);
    INSERT INTO stock_lots (store_id, sku, code, expires_on, quantity, blocked, received_at)
    VALUES (p_store, p_sku, p_code, p_expires, v_quantity, p_blocked, p_at)
    ON CONFLICT (store_id, sku, code) DO UPDATE
      SET quantity = stock_lots.quantity + v_quantity,
          expires_on = CASE WHEN stock_lots.quantity > 0 THEN least(stock_lots.expires_on, excluded.expires_on)
                            WHEN stock_lots.blocked THEN excluded.expires_on
                            ELSE coalesce(excluded.expires_on, stock_lots.expires_on) END,
          blocked = stock_lots.blocked AND (stock_lots.quantity > 0 OR stock_lots.expires_on IS NOT DISTINCT FROM excluded.expires_on);
  ELSE
    SELECT -least(quantity, -p_quantity) INTO v_quantity FROM stock_lots
     WHERE store_id = p_store AND sku = p_sku AND code = p_code FOR UPDATE;
    UPDATE stock_lots SET quantity = quantity + v_quantity WHERE store_id = p_store AND sku = p_sku AND code = p_code;
  END IF;
  IF coalesce(v_quantity, 0) <> 0 THEN
    INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
    VALUES (p_cause, p_store, p_sku, 'lot:' || p_code, p_kind, v_quantity, p_at, p_now);
  END IF;
END $$;

-- How many of the pieces that come in join lots that are set apart: they are set apart with them.
CREATE OR REPLACE FUNCTION inventory_lots_apart(
  p_store uuid, p_sku text, p_stores uuid[], p_skus text[], p_codes text[], p_expires date[], p_quantities int[]
) RETURNS int LANGUAGE sql AS $$
  SELECT coalesce(sum(n.quantity), 0)::int
    FROM unnest(p_stores, p_skus, p_codes, p_expires, p_quantities) AS n(store, item, code, expires, quantity)
    JOIN stock_lots l ON l.store_id = n.store AND l.sku = n.item AND l.code = n.code AND l.blocked
   WHERE n.store = p_store AND n.item = p_sku AND n.quantity > 0
     AND (l.quantity > 0 OR l.expires_on IS NOT DISTINCT FROM n.expires)
$$;

-- Change one item's buckets (on_hand, damaged, quality_control, in_transit) and say so in the ledger. Idempotent by
-- (cause, kind). With p_guard it refuses (done = false, refused = true) to lower what is free below zero.
-- p_known: the change happened before the last posted count, which has already seen it; it is booked and countered.
CREATE OR REPLACE FUNCTION inventory_change(
  p_cause uuid, p_kind text, p_store uuid, p_sku text, p_on_hand int, p_damaged int, p_quality int, p_transit int,
  p_at timestamptz, p_now timestamptz, p_guard boolean, p_late boolean,
  OUT done boolean, OUT refused boolean, OUT was_short boolean, OUT is_short boolean, OUT on_hand_after int,
  OUT missing int, OUT known boolean
) LANGUAGE plpgsql AS $$
DECLARE v_buckets text[] := ARRAY['on_hand', 'damaged', 'quality_control', 'in_transit'];
        v_deltas int[] := ARRAY[p_on_hand, p_damaged, p_quality, p_transit]; s stock_items;
BEGIN
  done := false; refused := false; known := false;
  SELECT * INTO s FROM stock_items WHERE store_id = p_store AND sku = p_sku FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    INSERT INTO stock_items (store_id, sku) VALUES (p_store, p_sku) ON CONFLICT DO NOTHING;
    SELECT * INTO s FROM stock_items WHERE store_id = p_store AND sku = p_sku FOR NO KEY UPDATE;
  END IF;
  was_short := s.short; is_short := s.short; on_hand_after := s.on_hand;
  missing := greatest(s.reserved + s.damaged + s.quality_control - s.on_hand, 0);
  IF EXISTS (SELECT 1 FROM stock_entries WHERE cause = p_cause AND store_id = p_store AND sku = p_sku AND kind = p_kind
                AND bucket = ANY (v_buckets)) THEN
    RETURN;
  END IF;
  IF s.damaged + p_damaged < 0 OR s.quality_control + p_quality < 0 OR s.in_transit + p_transit < 0 OR (p_guard
     AND p_on_hand - p_damaged - p_quality < 0
     AND s.on_hand + p_on_hand - s.reserved - s.damaged - p_damaged - s.quality_control - p_quality < 0) THEN
    refused := true;
    RETURN;
  END IF;
  FOR i IN 1 .. 4 LOOP
    IF v_deltas[i] <> 0 THEN
      INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
      VALUES (p_cause, p_store, p_sku, v_buckets[i], p_kind, v_deltas[i], p_at, p_now);
    END IF;
  END LOOP;
  done := true;
  known := p_late AND s.counted_at IS NOT NULL AND p_at < s.counted_at AND p_on_hand <> 0;
  IF known THEN
    INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
    VALUES (p_cause, p_store, p_sku, 'on_hand', p_kind || '_counted', -p_on_hand, p_at, p_now);
    p_on_hand := 0;
  END IF;
  missing := greatest(s.reserved + s.damaged + p_damaged + s.quality_control + p_quality - s.on_hand - p_on_hand, 0);
  is_short := missing > 0;
  UPDATE stock_items SET on_hand = on_hand + p_on_hand, damaged = damaged + p_damaged, short = is_short,
         quality_control = quality_control + p_quality, in_transit = in_transit + p_transit
   WHERE store_id = p_store AND sku = p_sku;
  on_hand_after := s.on_hand + p_on_hand;
  IF is_short AND s.flash THEN
    missing := missing - inventory_flash_shrink(p_cause, p_kind, p_store, p_sku, missing, p_now);
    is_short := missing > 0;
  END IF;
  IF was_short AND NOT is_short THEN
    PERFORM inventory_heal(p_store, p_sku, p_now);
  END IF;
END $$;

-- Change many items for one cause, sorted by (store, sku), with the lots that are named; what leaves without a name is taken
-- first expired first. All or nothing when guarded: the row with refused = true says which one.
CREATE OR REPLACE FUNCTION inventory_move(
  p_cause uuid, p_kind text, p_stores uuid[], p_skus text[], p_on_hand int[], p_damaged int[], p_quality int[], p_transit int[],
  p_lot_stores uuid[], p_lot_skus text[], p_lot_codes text[], p_lot_expires date[], p_lot_blocked boolean[], p_lot_quantities int[],
  p_at timestamptz, p_now timestamptz, p_guard boolean, p_late boolean
) RETURNS TABLE (store_id uuid, sku text, done boolean, refused boolean, was_short boolean, is_short boolean, on_hand int, missing int)
LANGUAGE plpgsql AS $$
DECLARE c record; l record; v_unnamed int; v_failed boolean := false;
BEGIN
  BEGIN
    FOR i IN 1 .. cardinality(p_skus) LOOP
      IF p_on_hand[i] > 0 AND cardinality(p_lot_codes) > 0 THEN
        PERFORM 1 FROM stock_items t WHERE t.store_id = p_stores[i] AND t.sku = p_skus[i] FOR NO KEY UPDATE;
        p_damaged[i] := greatest(p_damaged[i], least(p_on_hand[i] - greatest(p_quality[i], 0), p_damaged[i] +
          inventory_lots_apart(p_stores[i], p_skus[i], p_lot_stores, p_lot_skus, p_lot_codes, p_lot_expires, p_lot_quantities)));
      END IF;
      c := inventory_change(p_cause, p_kind, p_stores[i], p_skus[i], p_on_hand[i], p_damaged[i], p_quality[i], p_transit[i],
                            p_at, p_now, p_guard, p_late);
      store_id := p_stores[i]; sku := p_skus[i]; done := c.done; refused := c.refused; was_short := c.was_short;
      is_short := c.is_short; on_hand := c.on_hand_after; missing := c.missing;
      IF c.refused THEN
        RAISE SQLSTATE 'OS001';
      END IF;
      RETURN NEXT;
      CONTINUE WHEN NOT c.done OR c.known;
      v_unnamed := -p_on_hand[i];
      FOR l IN SELECT * FROM unnest(p_lot_stores, p_lot_skus, p_lot_codes, p_lot_expires, p_lot_blocked, p_lot_quantities)
                 AS n(store, item, code, expires, blocked, quantity)
                WHERE n.store = p_stores[i] AND n.item = p_skus[i] ORDER BY n.code
      LOOP
        PERFORM inventory_lot_change(p_cause, p_kind, p_stores[i], p_skus[i], l.code, l.expires, l.blocked, l.quantity, p_at, p_now);
        v_unnamed := v_unnamed + l.quantity;
      END LOOP;
      IF p_on_hand[i] < 0 AND v_unnamed > 0 THEN
        PERFORM inventory_lots_out(p_cause, p_kind, p_stores[i], p_skus[i], v_unnamed, p_at, p_now);
      END IF;
    END LOOP;
    RETURN;
  EXCEPTION WHEN SQLSTATE 'OS001' THEN NULL;
  END;
  RETURN NEXT;
END $$;

-- Limited offers: the offer's units lie in several buckets, so that many orders take at once without waiting for one row.
-- The item's `reserved` counts the free units of the offer in; taking them for an order leaves it as it is.
CREATE OR REPLACE FUNCTION inventory_flash_left(p_store uuid, p_sku text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  RETURN coalesce((SELECT sum(free) FROM flash_buckets WHERE store_id = p_store AND sku = p_sku), 0);
END $$;

-- What due holds had from the running offer and nobody has freed yet: free again, as far as the shelf covers it.
CREATE OR REPLACE FUNCTION inventory_flash_due(p_store uuid, p_sku text, p_now timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE v_had int; v_room int;
BEGIN
  SELECT coalesce(sum(d.had), 0), s.on_hand - s.reserved - s.damaged - s.quality_control + coalesce(sum(d.kept), 0) INTO v_had, v_room
    FROM stock_items s LEFT JOIN (
      SELECT r.quantities[array_position(r.skus, p_sku COLLATE "C")] AS kept, greatest((
               SELECT sum(-e.delta) FROM stock_entries e
                WHERE e.cause = r.id AND e.store_id = p_store AND e.sku = p_sku AND e.bucket = 'flash'), 0) AS had
        FROM reservations r
       WHERE r.state IN ('held', 'committed') AND r.state = 'held' AND r.store_id = p_store AND r.expires_at <= p_now
         AND r.skus && ARRAY[p_sku COLLATE "C"]) d ON true
   WHERE s.store_id = p_store AND s.sku = p_sku GROUP BY s.on_hand, s.reserved, s.damaged, s.quality_control;
  RETURN greatest(least(v_had, v_room), 0);
END $$;

-- Take units of an offer: from a bucket nobody is busy with, else from all of them in order. The caller has already booked
-- p_kind on `reserved`; here it is countered, for the units were reserved for the offer before.
CREATE OR REPLACE FUNCTION inventory_flash_take(
  p_cause uuid, p_store uuid, p_sku text, p_quantity int, p_kind text, p_now timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE v_left int := p_quantity; v_part int; v_start int := pg_backend_pid(); b record;
BEGIN
  PERFORM 1 FROM stock_items WHERE store_id = p_store AND sku = p_sku AND flash AND offered AND NOT short;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  BEGIN
    SELECT number INTO b FROM flash_buckets WHERE store_id = p_store AND sku = p_sku AND free >= p_quantity
     ORDER BY mod(number + v_start, 61), number LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RAISE SQLSTATE 'OS002';
    END IF;
    UPDATE flash_buckets SET free = free - p_quantity WHERE store_id = p_store AND sku = p_sku AND number = b.number;
    v_left := 0;
  EXCEPTION WHEN SQLSTATE 'OS002' THEN
    -- A bucket that somebody emptied while it was being locked stays locked, though it is none of ours, until this block is
    -- rolled back: whoever now goes through all of them in order must begin with nothing in hand.
    FOR b IN SELECT number FROM flash_buckets WHERE store_id = p_store AND sku = p_sku AND free > 0 ORDER BY number LOOP
      SELECT least(free, v_left) INTO v_part FROM flash_buckets
       WHERE store_id = p_store AND sku = p_sku AND number = b.number FOR NO KEY UPDATE;
      CONTINUE WHEN NOT FOUND;
      UPDATE flash_buckets SET free = free - v_part WHERE store_id = p_store AND sku = p_sku AND number = b.number;
      v_left := v_left - v_part;
      EXIT WHEN v_left = 0;
    END LOOP;
  END;
  IF v_left > 0 THEN
    RETURN false;
  END IF;
  INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
  VALUES (p_cause, p_store, p_sku, 'flash', p_kind, -p_quantity, p_now, p_now),
         (p_cause, p_store, p_sku, 'reserved', p_kind || '_flash', -p_quantity, p_now, p_now);
  RETURN true;
END $$;

-- What ended reservations had from the running offer goes back into it, as far as the shelf still covers it. The item's row is
-- locked by the caller, and `reserved` has fallen already. Buckets are locked in one order, as everywhere.
CREATE OR REPLACE FUNCTION inventory_flash_back(
  p_ids uuid[], p_store uuid, p_sku text, p_kind text, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record; v_room int; v_part int;
BEGIN
  PERFORM 1 FROM flash_buckets WHERE store_id = p_store AND sku = p_sku ORDER BY number FOR UPDATE;
  SELECT on_hand - reserved - damaged - quality_control INTO v_room FROM stock_items WHERE store_id = p_store AND sku = p_sku;
  FOR r IN SELECT e.cause, sum(-e.delta)::int AS quantity FROM stock_entries e
            WHERE e.cause = ANY (p_ids) AND e.store_id = p_store AND e.sku = p_sku AND e.bucket = 'flash'
            GROUP BY e.cause HAVING sum(-e.delta) > 0 ORDER BY e.cause
  LOOP
    v_part := least(r.quantity, v_room);
    EXIT WHEN v_part <= 0;
    UPDATE flash_buckets SET free = free + v_part
     WHERE store_id = p_store AND sku = p_sku AND number = (
       SELECT number FROM flash_buckets WHERE store_id = p_store AND sku = p_sku ORDER BY free, number LIMIT 1);
    UPDATE stock_items SET reserved = reserved + v_part WHERE store_id = p_store AND sku = p_sku;
    INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
    VALUES (r.cause, p_store, p_sku, 'flash', p_kind, v_part, p_now, p_now),
           (r.cause, p_store, p_sku, 'reserved', p_kind || '_flash', v_part, p_now, p_now);
    v_room := v_room - v_part;
  END LOOP;
END $$;

-- The shelf is short: the offer gives up to p_missing of its free units back first. Returns how many.
CREATE OR REPLACE FUNCTION inventory_flash_shrink(
  p_cause uuid, p_kind text, p_store uuid, p_sku text, p_missing int, p_now timestamptz
) RETURNS int LANGUAGE plpgsql AS $$
DECLARE v_left int := p_missing; v_part int; b record;
BEGIN
  FOR b IN SELECT number, free FROM flash_buckets WHERE store_id = p_store AND sku = p_sku ORDER BY number FOR NO KEY UPDATE LOOP
    v_part := least(b.free, v_left);
    UPDATE flash_buckets SET free = free - v_part WHERE store_id = p_store AND sku = p_sku AND number = b.number;
    v_left := v_left - v_part;
  END LOOP;
  v_part := p_missing - v_left;
  IF v_part > 0 THEN
    INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
    VALUES (p_cause, p_store, p_sku, 'flash', p_kind || '_shrink', -v_part, p_now, p_now),
           (p_cause, p_store, p_sku, 'reserved', p_kind || '_shrink', -v_part, p_now, p_now);
    UPDATE stock_items SET reserved = reserved - v_part, short = reserved - v_part + damaged + quality_control > on_hand
     WHERE store_id = p_store AND sku = p_sku;
  END IF;
  RETURN v_part;
END $$;

-- Open an offer of p_quantity units in p_buckets parts; returns false where not as many are free, or one runs already.
CREATE OR REPLACE FUNCTION inventory_flash_open(
  p_offer uuid, p_store uuid, p_sku text, p_quantity int, p_buckets int, p_now timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stock_items SET reserved = reserved + p_quantity, flash = true
   WHERE store_id = p_store AND sku = p_sku AND NOT flash AND NOT short
     AND on_hand - reserved - safety - damaged - quality_control >= p_quantity;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO flash_buckets (store_id, sku, number, free)
  SELECT p_store, p_sku, n, p_quantity / p_buckets + CASE WHEN n < mod(p_quantity, p_buckets) THEN 1 ELSE 0 END
    FROM generate_series(0, p_buckets - 1) AS n;
  INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
  VALUES (p_offer, p_store, p_sku, 'flash', 'flash_open', p_quantity, p_now, p_now),
         (p_offer, p_store, p_sku, 'reserved', 'flash_open', p_quantity, p_now, p_now);
  RETURN true;
END $$;

-- Close the offer; what is left of it is ordinary stock again. Returns how many units, or null when none ran.
CREATE OR REPLACE FUNCTION inventory_flash_close(p_offer uuid, p_store uuid, p_sku text, p_now timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE v_left int;
BEGIN
  UPDATE stock_items SET flash = false WHERE store_id = p_store AND sku = p_sku AND flash;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM 1 FROM flash_buckets WHERE store_id = p_store AND sku = p_sku ORDER BY number FOR UPDATE;
  SELECT coalesce(sum(free), 0)::int INTO v_left FROM flash_buckets WHERE store_id = p_store AND sku = p_sku;
  DELETE FROM flash_buckets WHERE store_id = p_store AND sku = p_sku;
  IF v_left > 0 THEN
    INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
    VALUES (p_offer, p_store, p_sku, 'flash', 'flash_close', -v_left, p_now, p_now),
           (p_offer, p_store, p_sku, 'reserved', 'flash_close', -v_left, p_now, p_now);
    UPDATE stock_items SET reserved = reserved - v_left WHERE store_id = p_store AND sku = p_sku;
  END IF;
  RETURN v_left;
END $$;

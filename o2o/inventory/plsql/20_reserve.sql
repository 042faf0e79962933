-- Promise p_quantities of (p_stores, p_skus), which come sorted and without repeats. Returns the number of the first line
-- that cannot be had, or 0. The caller wraps it in a block of its own and rolls that back on refusal, so that a refusal
-- leaves neither rows nor locks. The guarded updates come last: a hot row is locked for as short as can be.
CREATE OR REPLACE FUNCTION inventory_take(
  p_ids uuid[], p_stores uuid[], p_skus text[], p_quantities int[], p_kind text, p_now timestamptz
) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
  SELECT l.id, l.store_id, l.sku, 'reserved', p_kind, l.quantity, p_now, p_now
    FROM unnest(p_ids, p_stores, p_skus, p_quantities) AS l(id, store_id, sku, quantity);
  FOR i IN 1 .. cardinality(p_skus) LOOP
    UPDATE stock_items SET reserved = reserved + p_quantities[i]
     WHERE store_id = p_stores[i] AND sku = p_skus[i] AND offered AND NOT short AND NOT flash
       AND on_hand - reserved - safety - damaged - quality_control >= greatest(p_quantities[i], threshold);
    IF NOT FOUND AND NOT inventory_flash_take(p_ids[i], p_stores[i], p_skus[i], p_quantities[i], p_kind, p_now) THEN
      RETURN i;
    END IF;
  END LOOP;
  RETURN 0;
END $$;

-- The unlocked look: the first line that cannot be had as things stand, or 0.
CREATE OR REPLACE FUNCTION inventory_look(p_stores uuid[], p_skus text[], p_quantities int[]) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. cardinality(p_skus) LOOP
    PERFORM 1 FROM stock_items
      WHERE store_id = p_stores[i] AND sku = p_skus[i] AND offered AND NOT short AND NOT flash
        AND on_hand - reserved - safety - damaged - quality_control >= greatest(p_quantities[i], threshold);
    IF NOT FOUND AND NOT inventory_flash_left(p_stores[i], p_skus[i]) >= p_quantities[i] THEN
      RETURN i;
    END IF;
  END LOOP;
  RETURN 0;
END $$;

-- Let go of everything these reservations (already locked by the caller) keep, and mark them ended.
CREATE OR REPLACE FUNCTION inventory_let_go(
  p_orders uuid[], p_ids uuid[], p_state text, p_kind text, p_reason text, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE l record;
BEGIN
  INSERT INTO stock_entries (cause, store_id, sku, bucket, kind, delta, at, recorded_at)
  SELECT r.id, r.store_id, u.sku, 'reserved', p_kind, -u.quantity, p_now, p_now
    FROM reservations r, unnest(r.skus, r.quantities) AS u(sku, quantity)
   WHERE r.order_id = ANY (p_orders) AND r.id = ANY (p_ids);
  FOR l IN
    SELECT r.store_id, u.sku COLLATE "C" AS sku, sum(u.quantity)::int AS quantity
      FROM reservations r, unnest(r.skus, r.quantities) AS u(sku, quantity)
     WHERE r.order_id = ANY (p_orders) AND r.id = ANY (p_ids)
     GROUP BY 1, 2 ORDER BY 1, 2
  LOOP
    PERFORM inventory_unreserve(p_ids, l.store_id, l.sku, l.quantity, p_kind, p_now);
  END LOOP;
  UPDATE reservations SET state = p_state, ended_at = p_now, reason = p_reason, expires_at = NULL
   WHERE order_id = ANY (p_orders) AND id = ANY (p_ids);
END $$;

CREATE OR REPLACE FUNCTION inventory_unreserve(
  p_ids uuid[], p_store uuid, p_sku text, p_quantity int, p_kind text, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_short boolean; v_flash boolean;
BEGIN
  UPDATE stock_items
     SET reserved = reserved - p_quantity,
         short = short AND reserved - p_quantity + damaged + quality_control > on_hand
   WHERE store_id = p_store AND sku = p_sku RETURNING short, flash INTO v_short, v_flash;
  IF v_flash AND NOT v_short THEN
    PERFORM inventory_flash_back(p_ids, p_store, p_sku, p_kind, p_now);
  END IF;
  IF NOT v_short THEN
    PERFORM inventory_heal(p_store, p_sku, p_now);
  END IF;
END $$;

-- What is no longer short has no open discrepancy.
CREATE OR REPLACE FUNCTION inventory_heal(p_store uuid, p_sku text, p_now timestamptz) RETURNS void LANGUAGE sql AS $$
  UPDATE stock_discrepancies SET closed_at = p_now WHERE store_id = p_store AND sku = p_sku AND closed_at IS NULL
$$;

-- Free due holds that keep any of the wanted rows. Waits for holds that somebody is just settling (so that no refusal is
-- premature), then locks their stock and the wanted stock together in one order. Returns the orders whose hold has ended.
-- Who holds reservations already says with p_of whose he may free, having locked all of those in their order: others he may not wait for.
DROP FUNCTION IF EXISTS inventory_free_due(uuid[], text[], timestamptz);
CREATE OR REPLACE FUNCTION inventory_free_due(
  p_stores uuid[], p_skus text[], p_now timestamptz, p_of uuid[] DEFAULT NULL
) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE v_orders uuid[]; v_ids uuid[];
BEGIN
  SELECT array_agg(d.order_id), array_agg(d.id) INTO v_orders, v_ids FROM (
    SELECT order_id, id FROM reservations
     WHERE state IN ('held', 'committed') AND state = 'held' AND store_id = ANY (p_stores) AND expires_at <= p_now
       AND skus && p_skus AND (p_of IS NULL OR order_id = ANY (p_of))
     ORDER BY order_id, id FOR UPDATE) d;
  IF v_ids IS NULL THEN
    RETURN '{}';
  END IF;
  PERFORM 1 FROM stock_items s JOIN (
      SELECT r.store_id, u.sku FROM reservations r, unnest(r.skus) AS u(sku)
       WHERE r.order_id = ANY (v_orders) AND r.id = ANY (v_ids)
      UNION SELECT w.store_id, w.sku FROM unnest(p_stores, p_skus) AS w(store_id, sku)) n
    ON s.store_id = n.store_id AND s.sku = n.sku
    ORDER BY s.store_id, s.sku FOR NO KEY UPDATE OF s;
  PERFORM inventory_let_go(v_orders, v_ids, 'expired', 'expire', 'payment window', p_now);
  RETURN v_orders;
END $$;

-- Hold lines for an order at one or several stores: all or nothing, in one round trip. p_reservations names one
-- reservation a store; the lines come sorted by (store, sku). On refusal refused_line is set and nothing has changed but due holds that were freed.
CREATE OR REPLACE FUNCTION inventory_hold(
  p_order uuid, p_ids uuid[], p_stores uuid[], p_skus text[], p_quantities int[], p_until timestamptz, p_now timestamptz,
  OUT refused_line int, OUT expired uuid[]
) LANGUAGE plpgsql AS $$
BEGIN
  expired := '{}';
  FOR v_try IN 1 .. 2 LOOP
    refused_line := inventory_look(p_stores, p_skus, p_quantities);
    IF refused_line = 0 THEN
      BEGIN
        INSERT INTO reservations (order_id, id, store_id, skus, quantities, state, expires_at, held_at)
        SELECT p_order, l.id, l.store_id, array_agg(l.sku ORDER BY l.n), array_agg(l.quantity ORDER BY l.n), 'held', p_until, p_now
          FROM unnest(p_ids, p_stores, p_skus, p_quantities) WITH ORDINALITY AS l(id, store_id, sku, quantity, n)
         GROUP BY l.id, l.store_id;
        refused_line := inventory_take(p_ids, p_stores, p_skus, p_quantities, 'hold', p_now);
        IF refused_line = 0 THEN
          RETURN;
        END IF;
        RAISE SQLSTATE 'OS001';
      EXCEPTION WHEN SQLSTATE 'OS001' THEN NULL;
      END;
    END IF;
    IF v_try = 1 THEN
      expired := inventory_free_due(p_stores, p_skus, p_now);
    END IF;
  END LOOP;
END $$;

-- Paid: what is held stays held without an end. What had expired meanwhile is taken again, unless a later hold of the order
-- took its place; refused_sku says what is gone.
CREATE OR REPLACE FUNCTION inventory_commit(
  p_order uuid, p_now timestamptz, OUT live int, OUT refused_store uuid, OUT refused_sku text, OUT expired uuid[]
) LANGUAGE plpgsql AS $$
DECLARE v_ids uuid[]; v_stores uuid[]; v_skus text[]; v_quantities int[]; v_line int; v_orders uuid[] := ARRAY[p_order];
BEGIN
  expired := '{}';
  LOOP
    BEGIN
      PERFORM 1 FROM reservations WHERE order_id = ANY (v_orders) ORDER BY order_id, id FOR UPDATE;
      EXIT WHEN cardinality(v_orders) > 1 OR NOT EXISTS (SELECT 1 FROM reservations WHERE order_id = p_order AND state = 'expired');
      RAISE SQLSTATE 'OS002';
    EXCEPTION WHEN SQLSTATE 'OS002' THEN
      -- Something has to be taken anew, perhaps from due holds: begin again, and lock those with our own, in the order in which all do.
      v_orders := ARRAY[p_order, p_order] || ARRAY(
        SELECT d.order_id FROM reservations o JOIN reservations d ON d.store_id = o.store_id AND d.skus && o.skus
         WHERE o.order_id = p_order AND o.state = 'expired'
           AND d.state IN ('held', 'committed') AND d.state = 'held' AND d.expires_at <= p_now);
    END;
  END LOOP;
  SELECT array_agg(r.id ORDER BY r.store_id, u.sku), array_agg(r.store_id ORDER BY r.store_id, u.sku),
         array_agg(u.sku ORDER BY r.store_id, u.sku), array_agg(u.quantity ORDER BY r.store_id, u.sku)
    INTO v_ids, v_stores, v_skus, v_quantities
    FROM reservations r, unnest(r.skus, r.quantities) AS u(sku, quantity)
   WHERE r.order_id = p_order AND r.state = 'expired'
     AND NOT EXISTS (SELECT 1 FROM reservations n WHERE n.order_id = p_order AND n.id <> r.id AND n.held_at >= r.ended_at);
  IF v_ids IS NOT NULL THEN
    FOR v_try IN 1 .. 2 LOOP
      BEGIN
        v_line := inventory_take(v_ids, v_stores, v_skus, v_quantities, 'rehold', p_now);
        IF v_line > 0 THEN
          RAISE SQLSTATE 'OS001';
        END IF;
      EXCEPTION WHEN SQLSTATE 'OS001' THEN NULL;
      END;
      EXIT WHEN v_line = 0 OR v_try = 2;
      expired := inventory_free_due(v_stores, v_skus, p_now, v_orders);
    END LOOP;
    IF v_line > 0 THEN
      refused_store := v_stores[v_line]; refused_sku := v_skus[v_line];
      RETURN;
    END IF;
  END IF;
  UPDATE reservations SET state = 'committed', expires_at = NULL, ended_at = NULL
   WHERE order_id = p_order AND (state = 'held' OR state = 'expired' AND id = ANY (v_ids));
  SELECT count(*) INTO live FROM reservations WHERE order_id = p_order AND state IN ('held', 'committed');
END $$;

-- Give back what an order still keeps (at one store, or everywhere). Returns how many reservations ended.
CREATE OR REPLACE FUNCTION inventory_release(p_order uuid, p_store uuid, p_reason text, p_now timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE v_ids uuid[];
BEGIN
  SELECT array_agg(d.id) INTO v_ids FROM (
    SELECT id FROM reservations
     WHERE order_id = p_order AND state IN ('held', 'committed') AND (p_store IS NULL OR store_id = p_store)
     ORDER BY id FOR UPDATE) d;
  IF v_ids IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM inventory_let_go(ARRAY[p_order], v_ids, 'released', 'release', p_reason, p_now);
  RETURN cardinality(v_ids);
END $$;

-- Sweep: end holds whose time has come. Those being settled by somebody are left to them.
CREATE OR REPLACE FUNCTION inventory_expire_due(p_now timestamptz, p_limit int) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE v_orders uuid[]; v_ids uuid[];
BEGIN
  SELECT array_agg(d.order_id), array_agg(d.id) INTO v_orders, v_ids FROM (
    SELECT order_id, id FROM reservations
     WHERE state IN ('held', 'committed') AND state = 'held' AND expires_at <= p_now
     ORDER BY order_id, id LIMIT p_limit FOR UPDATE SKIP LOCKED) d;
  IF v_ids IS NULL THEN
    RETURN '{}';
  END IF;
  PERFORM inventory_let_go(v_orders, v_ids, 'expired', 'expire', 'payment window', p_now);
  RETURN v_orders;
END $$;

-- The unlocked look before anything is written: what of these lines cannot be had, as JSON, or null when all can, or might once
-- due holds are freed. What is left is told as the app may promise it.
CREATE OR REPLACE FUNCTION inventory_short(p_stores uuid[], p_skus text[], p_quantities int[], p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  IF inventory_look(p_stores, p_skus, p_quantities) = 0 THEN
    RETURN NULL;
  END IF;
  PERFORM 1 FROM reservations
    WHERE state IN ('held', 'committed') AND state = 'held' AND store_id = ANY (p_stores) AND expires_at <= p_now AND skus && p_skus;
  IF FOUND THEN
    RETURN NULL;
  END IF;
  RETURN inventory_missing(p_stores, p_skus, p_quantities);
END $$;

CREATE OR REPLACE FUNCTION inventory_missing(p_stores uuid[], p_skus text[], p_quantities int[]) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN (
    SELECT jsonb_agg(jsonb_build_object('sku', w.sku, 'wanted', w.quantity, 'left', w.left, 'store_id', w.store_id) ORDER BY w.n)
      FROM (
        SELECT l.*, CASE WHEN s.sku IS NULL OR NOT s.offered OR s.short THEN 0
                         WHEN s.flash THEN inventory_flash_left(l.store_id, l.sku)
                         WHEN s.on_hand - s.reserved - s.safety - s.damaged - s.quality_control < s.threshold THEN 0
                         ELSE greatest(s.on_hand - s.reserved - s.safety - s.damaged - s.quality_control, 0) END AS left
          FROM unnest(p_stores, p_skus, p_quantities) WITH ORDINALITY AS l(store_id, sku, quantity, n)
          LEFT JOIN stock_items s ON s.store_id = l.store_id AND s.sku = l.sku) w
     WHERE w.left < w.quantity);
END $$;

-- Hold, and say which orders' holds were found to be over on the way. Returns the number of the first line that cannot be had, or 0.
CREATE OR REPLACE FUNCTION inventory_hold_now(
  p_order uuid, p_ids uuid[], p_stores uuid[], p_skus text[], p_quantities int[], p_until timestamptz, p_now timestamptz
) RETURNS int LANGUAGE plpgsql AS $$
DECLARE v_refused int; v_expired uuid[]; v_ended uuid;
BEGIN
  SELECT refused_line, expired INTO v_refused, v_expired
    FROM inventory_hold(p_order, p_ids, p_stores, p_skus, p_quantities, p_until, p_now);
  FOR v_ended IN SELECT DISTINCT e FROM unnest(v_expired) AS e ORDER BY e LOOP
    PERFORM outbox_say('inventory.hold_expired', jsonb_build_object('order_id', v_ended), ARRAY['order:' || v_ended], p_now);
  END LOOP;
  RETURN v_refused;
END $$;

-- Place an order in one round trip: `p` says who asks under which key, what was agreed on, and the ways to do it, the best first.
-- Looks before it writes; holds the stock last, and the commit follows at once: a hot row is locked for as short as can be.
-- Returns what the key was answered before, or a `state`: `repriced`, `short`, or `placed` by way number `way`.
CREATE OR REPLACE FUNCTION orders_place(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := p ->> 'now'; v_order uuid := p #>> '{order,id}'; v_until timestamptz := p #>> '{order,pay_by}';
  v jsonb; v_way jsonb; v_short jsonb; v_nth int := -1;
  v_ids uuid[]; v_stores uuid[]; v_skus text[]; v_quantities int[];
BEGIN
  IF p ? 'once' THEN
    v := once_look(p #>> '{once,caller}', p #>> '{once,key}', p #>> '{once,mark}');
    IF v IS NOT NULL THEN
      RETURN v;
    END IF;
  END IF;
  v := orders_repriced(p -> 'lines');
  IF v IS NOT NULL THEN
    RETURN jsonb_build_object('state', 'repriced', 'prices', v);
  END IF;
  FOR v_way IN SELECT value FROM jsonb_array_elements(p -> 'ways') LOOP
    v_nth := v_nth + 1;
    SELECT array_agg(h.id), array_agg(h.store_id), array_agg(h.sku), array_agg(h.quantity)
      INTO v_ids, v_stores, v_skus, v_quantities
      FROM jsonb_to_recordset(v_way -> 'holds') AS h(id uuid, store_id uuid, sku text, quantity int);
    v := inventory_short(v_stores, v_skus, v_quantities, v_now);
    IF v IS NULL THEN
      BEGIN
        PERFORM orders_write_way(p, v_way);
        IF inventory_hold_now(v_order, v_ids, v_stores, v_skus, v_quantities, v_until, v_now) = 0 THEN
          RETURN jsonb_build_object('state', 'placed', 'way', v_nth);
        END IF;
        RAISE SQLSTATE 'OS001';
      EXCEPTION WHEN SQLSTATE 'OS001' THEN
        -- Somebody was quicker, after all was written: nothing of it stays.
        v := inventory_missing(v_stores, v_skus, v_quantities);
      END;
    END IF;
    v_short := coalesce(v_short, v);
  END LOOP;
  RETURN jsonb_build_object('state', 'short', 'short', coalesce(v_short, '[]'));
END $$;

CREATE OR REPLACE FUNCTION orders_repriced(p_lines jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE v_skus text[]; v_prices bigint[];
BEGIN
  SELECT array_agg(l.sku), array_agg(l.unit_price_fen) INTO v_skus, v_prices
    FROM jsonb_to_recordset(p_lines) AS l(sku text, unit_price_fen bigint);
  RETURN catalogue_repriced(v_skus, v_prices);
END $$;

-- All rows of an order done this way, but its stock.
CREATE OR REPLACE FUNCTION orders_write_way(p jsonb, p_way jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_now timestamptz := p ->> 'now'; v_order uuid := p #>> '{order,id}';
BEGIN
  PERFORM orders_write(p -> 'order', p -> 'lines', p ->> 'actor', v_now, v_now);
  INSERT INTO shipments (id, order_id, leg, attempt, store_id, area_id, state, task_id, reservation_id, skus, quantities, plan, happened, created_at)
  SELECT s.id, v_order, s.leg, 1, s.store_id, s.area_id, 'held', s.task_id, s.reservation_id, s.skus, s.quantities, s.plan, '{}', v_now
    FROM jsonb_populate_recordset(NULL::shipments, p_way -> 'shipments') AS s;
  IF p ? 'payment' THEN
    PERFORM payments_open((p #>> '{payment,id}')::uuid, v_order, (p #>> '{order,member_id}')::uuid, p #>> '{payment,ref}',
      p #>> '{payment,provider}', (p #>> '{order,total_fen}')::bigint, (p #>> '{order,pay_by}')::timestamptz, v_now);
  END IF;
  PERFORM outbox_say(p #>> '{event,name}', p #> '{event,payload}', ARRAY(SELECT jsonb_array_elements_text(p #> '{event,channels}')), v_now);
  IF p ? 'once' THEN
    PERFORM once_keep(p #>> '{once,caller}', p #>> '{once,key}', p #>> '{once,mark}', 201, p_way -> 'answer', v_now);
  END IF;
END $$;

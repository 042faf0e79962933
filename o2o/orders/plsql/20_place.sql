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
        PERFORM orders_write_ways(ARRAY[p], ARRAY[v_way]);
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

-- All rows of orders done these ways, but their stock.
DROP FUNCTION IF EXISTS orders_write_way(jsonb, jsonb);
CREATE OR REPLACE FUNCTION orders_write_ways(p_orders jsonb[], p_ways jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM orders_write_all(p_orders);
  INSERT INTO shipments (id, order_id, leg, attempt, store_id, area_id, state, task_id, reservation_id, skus, quantities, plan, happened, created_at)
  SELECT s.id, (w.p #>> '{order,id}')::uuid, s.leg, 1, s.store_id, s.area_id, 'held', s.task_id, s.reservation_id, s.skus, s.quantities, s.plan,
    '{}', (w.p ->> 'now')::timestamptz
    FROM unnest(p_orders, p_ways) AS w(p, way), jsonb_populate_recordset(NULL::shipments, w.way -> 'shipments') AS s;
  PERFORM payments_open_all(array_agg((w.p #>> '{payment,id}')::uuid), array_agg((w.p #>> '{order,id}')::uuid),
    array_agg((w.p #>> '{order,member_id}')::uuid), array_agg(w.p #>> '{payment,ref}'), array_agg(w.p #>> '{payment,provider}'),
    array_agg((w.p #>> '{order,total_fen}')::bigint), array_agg((w.p #>> '{order,pay_by}')::timestamptz), array_agg((w.p ->> 'now')::timestamptz))
    FROM unnest(p_orders) AS w(p) WHERE w.p ? 'payment' HAVING count(*) > 0;
  PERFORM outbox_say_all(array_agg(w.p #>> '{event,name}'), array_agg(w.p #> '{event,payload}'), array_agg(w.p #> '{event,channels}'),
    array_agg((w.p ->> 'now')::timestamptz)) FROM unnest(p_orders) AS w(p);
  PERFORM once_keep_all(array_agg(w.p #>> '{once,caller}'), array_agg(w.p #>> '{once,key}'), array_agg(w.p #>> '{once,mark}'), 201,
    array_agg(w.way -> 'answer'), array_agg((w.p ->> 'now')::timestamptz))
    FROM unnest(p_orders, p_ways) AS w(p, way) WHERE w.p ? 'once' HAVING count(*) > 0;
END $$;

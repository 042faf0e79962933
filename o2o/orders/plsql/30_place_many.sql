-- Place several orders at once, each of `p` with a key and as `orders_place` takes it. Returns for each what `orders_place` would say,
-- or null: ask for that one by itself, for something about it is not plain, or all of these together were too much for a shelf.
-- What is refused is refused by the unlocked look, before any write. The rest is written together, and takes each row of stock
-- once, in the order in which all take them: a hot row is locked once for many orders.
CREATE OR REPLACE FUNCTION orders_place_many(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_asked jsonb[] := ARRAY(SELECT value FROM jsonb_array_elements(p)); v_told jsonb[] := '{}'; v_one jsonb; v_answer jsonb;
  v_keys text[] := '{}'; v_key text; v_plain int[] := '{}'; v_orders jsonb[] := '{}'; v_ways jsonb[] := '{}';
BEGIN
  FOR v_nth IN 1 .. cardinality(v_asked) LOOP
    v_one := v_asked[v_nth]; v_key := (v_one #>> '{once,caller}') || '/' || (v_one #>> '{once,key}'); v_answer := NULL;
    IF v_key <> ALL (v_keys) THEN
      v_keys := v_keys || v_key;
      v_answer := orders_look(v_one);
      IF v_answer ->> 'state' = 'plain' THEN
        v_plain := v_plain || v_nth; v_orders := v_orders || v_one; v_ways := v_ways || (v_one #> '{ways,0}');
        v_answer := NULL;
      END IF;
    END IF;
    v_told[v_nth] := v_answer;
  END LOOP;
  IF cardinality(v_plain) > 0 AND orders_place_plain(v_orders, v_ways) THEN
    FOR v_nth IN 1 .. cardinality(v_plain) LOOP
      v_told[v_plain[v_nth]] := '{"state": "placed", "way": 0}';
    END LOOP;
  END IF;
  RETURN to_jsonb(v_told);
END $$;

-- Before anything is written: what the key was answered before, or that the only way is short; `plain` where the best way can be had as
-- things stand; null where it takes more than that to say.
CREATE OR REPLACE FUNCTION orders_look(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE v jsonb; v_stores uuid[]; v_skus text[]; v_quantities int[];
BEGIN
  v := once_look(p #>> '{once,caller}', p #>> '{once,key}', p #>> '{once,mark}');
  IF v IS NOT NULL THEN
    RETURN v;
  END IF;
  SELECT array_agg(h.store_id), array_agg(h.sku), array_agg(h.quantity) INTO v_stores, v_skus, v_quantities
    FROM jsonb_to_recordset(p #> '{ways,0,holds}') AS h(store_id uuid, sku text, quantity int);
  IF inventory_look(v_stores, v_skus, v_quantities) = 0 THEN
    RETURN '{"state": "plain"}';
  END IF;
  IF jsonb_array_length(p -> 'ways') > 1 OR orders_repriced(p -> 'lines') IS NOT NULL THEN
    RETURN NULL;
  END IF;
  v := inventory_short(v_stores, v_skus, v_quantities, (p ->> 'now')::timestamptz);
  RETURN CASE WHEN v IS NOT NULL THEN jsonb_build_object('state', 'short', 'short', v) END;
END $$;

-- All of these, or none: false where a price is another by now, or a shelf has less than they want together.
CREATE OR REPLACE FUNCTION orders_place_plain(p_orders jsonb[], p_ways jsonb[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_skus text[]; v_prices bigint[]; v_orders uuid[]; v_ids uuid[]; v_stores uuid[]; v_quantities int[];
  v_untils timestamptz[]; v_nows timestamptz[];
BEGIN
  SELECT array_agg(l.sku), array_agg(l.unit_price_fen) INTO v_skus, v_prices
    FROM unnest(p_orders) AS w(p), jsonb_to_recordset(w.p -> 'lines') AS l(sku text, unit_price_fen bigint);
  IF catalogue_repriced(v_skus, v_prices) IS NOT NULL THEN
    RETURN false;
  END IF;
  SELECT array_agg((w.p #>> '{order,id}')::uuid), array_agg(h.id), array_agg(h.store_id), array_agg(h.sku), array_agg(h.quantity),
         array_agg((w.p #>> '{order,pay_by}')::timestamptz), array_agg((w.p ->> 'now')::timestamptz)
    INTO v_orders, v_ids, v_stores, v_skus, v_quantities, v_untils, v_nows
    FROM unnest(p_orders, p_ways) AS w(p, way), jsonb_to_recordset(w.way -> 'holds') AS h(id uuid, store_id uuid, sku text, quantity int);
  PERFORM orders_write_ways(p_orders, p_ways);
  IF inventory_hold_plain(v_orders, v_ids, v_stores, v_skus, v_quantities, v_untils, v_nows) THEN
    RETURN true;
  END IF;
  RAISE SQLSTATE 'OS001';
EXCEPTION WHEN SQLSTATE 'OS001' THEN
  RETURN false;
END $$;

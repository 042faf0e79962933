-- Payments of so much each are awaited.
CREATE OR REPLACE FUNCTION payments_open_all(
  p_ids uuid[], p_orders uuid[], p_members uuid[], p_refs text[], p_providers text[], p_fen bigint[], p_expires timestamptz[], p_nows timestamptz[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payments (id, order_id, member_id, ref, provider, state, amount_fen, authorised_fen, captured_fen, refunded_fen,
                        expires_at, opened_at)
  SELECT w.id, w.order_id, w.member_id, w.ref, w.provider, 'pending', w.fen, 0, 0, 0, w.expires, w.now
    FROM unnest(p_ids, p_orders, p_members, p_refs, p_providers, p_fen, p_expires, p_nows)
      AS w(id, order_id, member_id, ref, provider, fen, expires, now);
END $$;

CREATE OR REPLACE FUNCTION payments_open(
  p_id uuid, p_order uuid, p_member uuid, p_ref text, p_provider text, p_fen bigint, p_expires timestamptz, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM payments_open_all(ARRAY[p_id], ARRAY[p_order], ARRAY[p_member], ARRAY[p_ref], ARRAY[p_provider], ARRAY[p_fen], ARRAY[p_expires], ARRAY[p_now]);
END $$;

-- A provider's notice that a payment's money is held, booked once. Returns `applied`, `known` or `no_change`; or what does not
-- match: `ref`, `amount_fen`. Money of a payment that was given up meanwhile is asked to be let go, as operation p_operation.
CREATE OR REPLACE FUNCTION payments_authorised(
  p_notice text, p_ref text, p_fen bigint, p_provider text, p_body jsonb, p_operation uuid, p_now timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE t payments; v_outcome text := 'no_change';
BEGIN
  SELECT * INTO t FROM payments WHERE ref = p_ref AND provider = p_provider FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 'ref';
  END IF;
  PERFORM 1 FROM payment_webhook_inbox WHERE id = p_notice;
  IF FOUND THEN
    RETURN 'known';
  END IF;
  IF t.amount_fen <> p_fen THEN
    RETURN 'amount_fen';
  END IF;
  IF t.authorised_fen = 0 THEN
    v_outcome := 'applied';
    UPDATE payments SET authorised_fen = amount_fen, state = CASE state WHEN 'voided' THEN state ELSE 'authorised' END WHERE id = t.id;
    IF t.state = 'voided' THEN
      INSERT INTO payment_operations (id, payment_id, kind, cause, amount_fen, state, reason, asked_at)
      VALUES (p_operation, t.id, 'void', 'late', t.amount_fen, 'asked', '', p_now) ON CONFLICT DO NOTHING;
      PERFORM outbox_say('payments.operation_asked', jsonb_build_object('operation_id', p_operation), '{}', p_now);
    ELSE
      PERFORM outbox_say('payments.authorised',
        jsonb_build_object('order_id', t.order_id, 'payment_id', t.id, 'amount_fen', t.amount_fen), ARRAY['order:' || t.order_id], p_now);
    END IF;
  END IF;
  INSERT INTO payment_webhook_inbox (id, ref, kind, body, outcome, received_at)
  VALUES (p_notice, p_ref, 'authorised', p_body, v_outcome, p_now);
  RETURN v_outcome;
END $$;

-- Several such notices at once, each {notice, ref, fen, provider, body, now}. Returns for each `applied`, or null: book that one by itself, for
-- something about it is not plain. Payments are locked in the order of their ids.
CREATE OR REPLACE FUNCTION payments_authorised_many(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE v_refs text[]; v_plain int[];
BEGIN
  SELECT array_agg(w.value ->> 'ref') INTO v_refs FROM jsonb_array_elements(p) AS w;
  -- Found by their references before they are joined: a connection plans this once, and in a house of its first day the planner would
  -- rather read the whole table, and go on doing so.
  SELECT coalesce(array_agg(w.n), '{}') INTO v_plain
    FROM (SELECT DISTINCT ON (a.value ->> 'ref') a.n::int, a.value AS told FROM jsonb_array_elements(p) WITH ORDINALITY AS a(value, n)
           ORDER BY a.value ->> 'ref', a.n) w
    JOIN (SELECT ref, provider, state, amount_fen, authorised_fen FROM payments WHERE ref = ANY (v_refs) ORDER BY id FOR UPDATE) t
      ON t.ref = w.told ->> 'ref' AND t.provider = w.told ->> 'provider'
   WHERE t.authorised_fen = 0 AND t.state <> 'voided' AND t.amount_fen = (w.told ->> 'fen')::bigint
     AND NOT EXISTS (SELECT 1 FROM payment_webhook_inbox i WHERE i.id = w.told ->> 'notice');
  UPDATE payments t SET authorised_fen = t.amount_fen, state = 'authorised'
    FROM unnest(v_plain) AS n WHERE t.ref = p -> (n - 1) ->> 'ref';
  PERFORM outbox_say_all(array_agg('payments.authorised'::text),
      array_agg(jsonb_build_object('order_id', t.order_id, 'payment_id', t.id, 'amount_fen', t.amount_fen) ORDER BY n),
      array_agg(jsonb_build_array('order:' || t.order_id) ORDER BY n), array_agg((p -> (n - 1) ->> 'now')::timestamptz ORDER BY n))
    FROM unnest(v_plain) AS n JOIN payments t ON t.ref = p -> (n - 1) ->> 'ref' HAVING count(*) > 0;
  INSERT INTO payment_webhook_inbox (id, ref, kind, body, outcome, received_at)
  SELECT w.told ->> 'notice', w.told ->> 'ref', 'authorised', w.told -> 'body', 'applied', (w.told ->> 'now')::timestamptz
    FROM unnest(v_plain) AS n, LATERAL (SELECT p -> (n - 1) AS told) AS w;
  RETURN (SELECT jsonb_agg(CASE WHEN n = ANY (v_plain) THEN 'applied' END ORDER BY n) FROM generate_series(1, jsonb_array_length(p)) AS n);
END $$;

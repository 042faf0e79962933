-- A payment of so much is awaited.
CREATE OR REPLACE FUNCTION payments_open(
  p_id uuid, p_order uuid, p_member uuid, p_ref text, p_provider text, p_fen bigint, p_expires timestamptz, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payments (id, order_id, member_id, ref, provider, state, amount_fen, authorised_fen, captured_fen, refunded_fen,
                        expires_at, opened_at)
  VALUES (p_id, p_order, p_member, p_ref, p_provider, 'pending', p_fen, 0, 0, 0, p_expires, p_now);
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

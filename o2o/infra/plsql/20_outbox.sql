-- Say an event when, and only when, this transaction commits.
CREATE OR REPLACE FUNCTION outbox_say(p_name text, p_payload jsonb, p_channels text[], p_now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO outbox (name, payload, channels, at, relayed) VALUES (p_name, p_payload, p_channels, p_now, false);
END $$;

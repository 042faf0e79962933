-- Say an event when, and only when, this transaction commits.
CREATE OR REPLACE FUNCTION outbox_say(p_name text, p_payload jsonb, p_channels text[], p_now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO outbox (name, payload, channels, at, relayed) VALUES (p_name, p_payload, p_channels, p_now, false);
END $$;

-- Several, in order; each one's channels as a JSON list.
CREATE OR REPLACE FUNCTION outbox_say_all(p_names text[], p_payloads jsonb[], p_channels jsonb[], p_nows timestamptz[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO outbox (name, payload, channels, at, relayed)
  SELECT w.name, w.payload, ARRAY(SELECT jsonb_array_elements_text(w.channels)), w.now, false
    FROM unnest(p_names, p_payloads, p_channels, p_nows) WITH ORDINALITY AS w(name, payload, channels, now, n) ORDER BY w.n;
END $$;

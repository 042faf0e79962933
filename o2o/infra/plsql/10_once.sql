-- What a caller's key was answered before: its row as JSON, or {"state": "running" | "reused"}, or null when it is new. A new key
-- stays locked until the transaction ends.
CREATE OR REPLACE FUNCTION once_look(p_caller text, p_key text, p_mark text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE k idempotency_keys;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(p_caller || '/' || p_key, 0)) THEN
    RETURN '{"state": "running"}';
  END IF;
  SELECT * INTO k FROM idempotency_keys WHERE caller = p_caller AND key = p_key;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF k.fingerprint <> p_mark THEN
    RETURN '{"state": "reused"}';
  END IF;
  RETURN jsonb_build_object('state', 'known', 'status', k.status, 'body', k.body);
END $$;

CREATE OR REPLACE FUNCTION once_keep(
  p_caller text, p_key text, p_mark text, p_status int, p_body jsonb, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO idempotency_keys (caller, key, fingerprint, status, body, at)
  VALUES (p_caller, p_key, p_mark, p_status, p_body, p_now);
END $$;

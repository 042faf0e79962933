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

CREATE OR REPLACE FUNCTION once_keep_all(
  p_callers text[], p_keys text[], p_marks text[], p_status int, p_bodies jsonb[], p_nows timestamptz[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO idempotency_keys (caller, key, fingerprint, status, body, at)
  SELECT w.caller, w.key, w.mark, p_status, w.body, w.now
    FROM unnest(p_callers, p_keys, p_marks, p_bodies, p_nows) AS w(caller, key, mark, body, now);
END $$;

CREATE OR REPLACE FUNCTION once_keep(
  p_caller text, p_key text, p_mark text, p_status int, p_body jsonb, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM once_keep_all(ARRAY[p_caller], ARRAY[p_key], ARRAY[p_mark], p_status, ARRAY[p_body], ARRAY[p_now]);
END $$;

-- The ledger is append-only: no row is ever changed or taken back.
CREATE OR REPLACE FUNCTION inventory_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'stock_entries is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE TRIGGER stock_entries_append_only BEFORE UPDATE OR DELETE ON stock_entries
  FOR EACH ROW EXECUTE FUNCTION inventory_ledger_is_append_only();

CREATE OR REPLACE TRIGGER stock_entries_never_emptied BEFORE TRUNCATE ON stock_entries
  FOR EACH STATEMENT EXECUTE FUNCTION inventory_ledger_is_append_only();

-- The least that an order must write: stock, order, lines, ledger. What PostgreSQL alone does with it is the floor.
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
CREATE TABLE floor.shelf (
  store int, good int, on_hand int NOT NULL, reserved int NOT NULL DEFAULT 0,
  PRIMARY KEY (store, good), CHECK (reserved BETWEEN 0 AND on_hand)) WITH (fillfactor = 50);
CREATE TABLE floor.bill (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, member int NOT NULL, store int NOT NULL, state text NOT NULL DEFAULT 'reserved',
  total_fen bigint NOT NULL, key uuid NOT NULL UNIQUE, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE floor.bill_line (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, bill bigint NOT NULL REFERENCES floor.bill,
  good int NOT NULL, quantity int NOT NULL CHECK (quantity > 0), price_fen int NOT NULL);
CREATE INDEX ON floor.bill_line (bill);
CREATE TABLE floor.entry (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, store int NOT NULL, good int NOT NULL, delta int NOT NULL,
  why text NOT NULL, bill bigint, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON floor.entry (bill);
INSERT INTO floor.shelf SELECT s, g, 1000000000 FROM generate_series(1, 20) s, generate_series(1, 500) g;
VACUUM ANALYZE floor.shelf;

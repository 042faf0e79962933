\set store random(1, 20)
\set one random(1, 250)
\set two random(251, 500)
\set member random(1, 100000)
BEGIN;
UPDATE floor.shelf SET reserved = reserved + 1 WHERE store = :store AND good = :one AND on_hand - reserved >= 1;
UPDATE floor.shelf SET reserved = reserved + 1 WHERE store = :store AND good = :two AND on_hand - reserved >= 1;
INSERT INTO floor.bill (member, store, total_fen, key) VALUES (:member, :store, 3980, gen_random_uuid()) RETURNING id \gset
INSERT INTO floor.bill_line (bill, good, quantity, price_fen) VALUES (:id, :one, 1, 1990), (:id, :two, 1, 1990);
INSERT INTO floor.entry (store, good, delta, why, bill) VALUES (:store, :one, -1, 'reserve', :id), (:store, :two, -1, 'reserve', :id);
COMMIT;

\set member random(1, 100000)
BEGIN;
UPDATE floor.shelf SET reserved = reserved + 1 WHERE store = 1 AND good = 1 AND on_hand - reserved >= 1;
INSERT INTO floor.bill (member, store, total_fen, key) VALUES (:member, 1, 1990, gen_random_uuid()) RETURNING id \gset
INSERT INTO floor.bill_line (bill, good, quantity, price_fen) VALUES (:id, 1, 1, 1990);
INSERT INTO floor.entry (store, good, delta, why, bill) VALUES (1, 1, -1, 'reserve', :id);
COMMIT;

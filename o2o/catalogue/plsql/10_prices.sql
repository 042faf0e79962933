-- Which of these goods are no longer sold at these prices, or not at all: their SKUs with both prices; null when all are.
CREATE OR REPLACE FUNCTION catalogue_repriced(p_skus text[], p_prices bigint[]) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN (
    SELECT jsonb_agg(jsonb_build_object('sku', w.sku, 'was_fen', w.price, 'now_fen', CASE WHEN g.active THEN g.price_fen END) ORDER BY w.n)
      FROM unnest(p_skus, p_prices) WITH ORDINALITY AS w(sku, price, n) LEFT JOIN products g ON g.sku = w.sku
     WHERE g.sku IS NULL OR NOT g.active OR g.price_fen <> w.price);
END $$;

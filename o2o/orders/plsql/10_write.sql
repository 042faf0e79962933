-- An order, its lines and its first history row, as JSON written by `orders.records`.
CREATE OR REPLACE FUNCTION orders_write(p_order jsonb, p_lines jsonb, p_actor text, p_at timestamptz, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO orders (id, order_no, member_id, channel, method, state, version, store_id, lon, lat, address, preference, note,
    goods_fen, coupon_id, coupon_fen, points, points_fen, fee_fen, total_fen, charged_fen, refunded_fen, code,
    promise_from, promise_by, placed_at, pay_by, delivered_at, due_at)
  SELECT o.id, o.order_no, o.member_id, o.channel, o.method, o.state, 1, o.store_id, o.lon, o.lat, o.address, o.preference, o.note,
    o.goods_fen, o.coupon_id, o.coupon_fen, o.points, o.points_fen, o.fee_fen, o.total_fen, o.charged_fen, 0, o.code,
    o.promise_from, o.promise_by, p_now, o.pay_by, o.delivered_at, o.due_at
    FROM jsonb_populate_record(NULL::orders, p_order) AS o;
  INSERT INTO order_history (order_id, version, state, actor, reason, at, recorded_at)
  VALUES ((p_order ->> 'id')::uuid, 1, p_order ->> 'state', p_actor, '', p_at, p_now);
  INSERT INTO order_lines (order_id, no, sku, name_zh, name_en, quantity, weighed, piece_g, unit_price_fen, gross_fen,
    coupon_fen, points, points_fen, due_fen, substitute_quantity, returned, refunded_fen, picked, picked_g, charged_fen, points_kept)
  SELECT (p_order ->> 'id')::uuid, l.no, l.sku, l.name_zh, l.name_en, l.quantity, l.weighed, l.piece_g, l.unit_price_fen, l.gross_fen,
    l.coupon_fen, l.points, l.points_fen, l.due_fen, 0, 0, 0, l.picked, l.picked_g, l.charged_fen, l.points_kept
    FROM jsonb_populate_recordset(NULL::order_lines, p_lines) AS l;
END $$;

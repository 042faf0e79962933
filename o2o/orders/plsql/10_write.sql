-- Orders with their lines and first history rows, as JSON written by `orders.records`: each has order, lines, actor, at and now.
CREATE OR REPLACE FUNCTION orders_write_all(p_orders jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO orders (id, order_no, member_id, channel, method, state, version, store_id, lon, lat, address, preference, note,
    goods_fen, coupon_id, coupon_fen, points, points_fen, fee_fen, total_fen, charged_fen, refunded_fen, code,
    promise_from, promise_by, placed_at, pay_by, delivered_at, due_at)
  SELECT o.id, o.order_no, o.member_id, o.channel, o.method, o.state, 1, o.store_id, o.lon, o.lat, o.address, o.preference, o.note,
    o.goods_fen, o.coupon_id, o.coupon_fen, o.points, o.points_fen, o.fee_fen, o.total_fen, o.charged_fen, 0, o.code,
    o.promise_from, o.promise_by, (w.written ->> 'now')::timestamptz, o.pay_by, o.delivered_at, o.due_at
    FROM unnest(p_orders) AS w(written), jsonb_populate_record(NULL::orders, w.written -> 'order') AS o;
  INSERT INTO order_history (order_id, version, state, actor, reason, at, recorded_at)
  SELECT (w.written #>> '{order,id}')::uuid, 1, w.written #>> '{order,state}', w.written ->> 'actor', '',
    coalesce(w.written ->> 'at', w.written ->> 'now')::timestamptz, (w.written ->> 'now')::timestamptz
    FROM unnest(p_orders) AS w(written);
  INSERT INTO order_lines (order_id, no, sku, name_zh, name_en, quantity, weighed, piece_g, unit_price_fen, gross_fen,
    coupon_fen, points, points_fen, due_fen, substitute_quantity, returned, refunded_fen, picked, picked_g, charged_fen, points_kept)
  SELECT (w.written #>> '{order,id}')::uuid, l.no, l.sku, l.name_zh, l.name_en, l.quantity, l.weighed, l.piece_g, l.unit_price_fen,
    l.gross_fen, l.coupon_fen, l.points, l.points_fen, l.due_fen, 0, 0, 0, l.picked, l.picked_g, l.charged_fen, l.points_kept
    FROM unnest(p_orders) AS w(written), jsonb_populate_recordset(NULL::order_lines, w.written -> 'lines') AS l;
END $$;

-- One order. An event that came about at p_at may be written down later, at p_now.
CREATE OR REPLACE FUNCTION orders_write(p_order jsonb, p_lines jsonb, p_actor text, p_at timestamptz, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM orders_write_all(ARRAY[jsonb_build_object('order', p_order, 'lines', p_lines, 'actor', p_actor, 'at', p_at, 'now', p_now)]);
END $$;

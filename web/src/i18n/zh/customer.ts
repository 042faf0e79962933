export default {
  customer: {
    tab: { shop: '逛一逛', orders: '订单', me: '我的' },
    fee: '配送费', free: '免费', min_basket: '{amount} 起送', opens: '{at} 营业', open: '营业中', sold_out: '售罄', few_left: '所剩不多', left_n: '剩 {n} 件', left_at: '{n} 家有货', left_text: '库存随时在变，以下单时为准', parcels: '分 {n} 个包裹送达', soon: { minutes: '约 {n} 分钟', from: '{at} 起', pickup: '{name} 自提' },
    slot: { title: '选择时间', asap: '尽快送达', change: '换时间', today: '今天', full: '已满', few: '即将约满', none: '暂时没有可预约的时段' },
    parcel: { held: '待付款', open: '备货中', picking: '拣货中', packed: '已打包', handed_over: '配送中', delivered: '已送达', returned: '已退回' },
    parked: { unfillable: '门店暂时无法供货，正在另找门店', waiting_for_stock: '缺货，正在等补货或另找门店', pickup_rejected: '您选的门店这次做不了，怎么办？', ask: '{at} 前不回复，将全额退款', wait: '最晚 {at}，到时仍不行将全额退款', missing: '等：{names}', move: '改去这里取', do_wait: '再等等', cancel: '退款' }, by_weight: '每份约 {weight}，按实重计价', about_weight: '约 {weight}',
    sign_in: { title: '登录 o2o 到家', text: '新鲜好物，最快半小时到家' },
    shop: { where: '选择收货地址', search: '搜索商品', choose_first: '先告诉我们送到哪里', choose_why: '不同地址由不同门店供货，库存和时间也不同', nothing: '没有找到商品', nothing_text: '换个词或者看看别的分类', categories: '商品分类', collect_only: '附近门店可以自提' },
    address: { title: '送到这里', hint: '移动地图，把图钉放在门口', serves: '可送达', outside: '暂不配送', nearest: '最近的门店：{name}（{distance}）', note: '楼栋、门牌、备注', use: '送到这里', pin: '地图选点', no_position: '无法获取当前位置' },
    basket: { title: '购物车', checkout: '去结算', missing: '还差 {amount} 起送', empty: '购物车是空的', empty_text: '去挑点喜欢的吧' },
    checkout: {
      title: '确认订单', delivery: '送货上门', pickup: '到店自提', to: '送到', from: '由 {name} 发货', arrive: '预计 {range} 送达', collect: '预计 {range} 可取', why: '为什么是这家店？', goods: '商品金额', fee: '配送费', coupon: '优惠券', points: '积分抵扣', total: '合计', holds: '报价 {time} 内有效', hold: '含称重预留 {amount}，多退不补',
      place: '提交订单', choose_coupon: '选择优惠券', no_coupon: '不使用优惠券', coupons_n: '{n} 张可用', use_points: '用 {points} 积分抵 {amount}', points_none: '暂无可用积分', changed: '价格或时间有变化，请再看一眼', out: '只剩 {left} 件', trim: '改为 {left} 件', remove: '移出购物车', below: '还差 {amount} 起送，再选点吧', note: '给门店的备注',
      terms: { distance: '距离', time: '用时', backlog: '门店繁忙', last: '库存偏少', fee: '配送费', cost: '成本' }, refused: '其他门店', substitute: '缺货时', substitute_yes: '可换相近商品', substitute_no: '不要替换，缺货退款', prefer: { ask: '先问我', substitute: '可换相近商品', refund: '不换，缺货退款' }, name: '收货人', short: '有些商品库存不够', trim_all: '按库存调整', weighed: '称重商品按上限预付，按实重结算，多退不补', best: '综合最优', worse: '比首选多 {amount}（含路程、时间）',
    },
    pay: { title: '收银台', amount: '应付金额', left: '请在 {time} 内支付，商品与时段已为你保留', now: '确认支付', decline: '模拟支付失败', waiting: '正在确认支付结果…', done: '支付成功', late: '支付已超时', sandbox: '这是演示收银台，不会产生真实扣款', later: '稍后再付', failed: '支付没有成功，可以再试一次' },
    order: {
      title: '订单详情', stage: { placed: '已下单', paid: '已付款', picking: '门店拣货', packed: '已打包', picked_up: '骑手已取货', delivering: '配送中', delivered: '已送达', completed: '已完成', assigned: '骑手接单', cancelled: '已取消', expired: '超时未付', unfillable: '门店缺货', collected: '已自提', returned: '已退回', refunded: '已退款' },
      eta: '预计 {range} 送达', arriving: '骑手正在路上', code: '取件码', code_text: '收货时告诉骑手', code_counter: '到店时出示给店员', ready: '预计 {range} 可取', instead: '换成 {name} ×{n}', ask: '{name} 缺货，换成这个可以吗？', ask_silent_yes: '不会比原来的贵；不回复就换成它', ask_silent_no: '不会比原来的贵；不回复就退这一件的钱', cheaper: '省 {amount}', ask_yes: '可以', ask_no: '不要了，退款', rider: '骑手 {name}', from: '{name}', lines: '商品', again: '再来一单', cancel: '取消订单', cancel_sure: '确定取消这笔订单吗？', cancel_text: '已付的钱会原路退回，优惠券和积分也会还给你', cancelled: '订单已取消', pay: '去支付', refund: '已退 {amount}', short: '缺 {n} 件，已退款', picked_weight: '实称 {weight}', delivered_at: '{at} 送达', points: '本单积分 +{n}', stops_before: '骑手前面还有 {n} 站', put_in: '已加入购物车', lines_n: '共 {n} 件',
    },
    orders: { title: '我的订单', empty: '还没有订单', empty_text: '逛一逛，半小时送到家', go: '去逛逛' },
    me: { code: '会员码', code_text: '到店结账时出示', points: '积分', points_text: '{points} 积分可抵 {amount}', coupons: '优惠券', most: '最多减 {amount}', to_next: '再消费 {amount} 升级为{tier}', pending_n: '{n} 积分待生效', expiring: '{n} 积分快过期', ledger: '积分明细', no_coupons: '暂无优惠券', no_ledger: '还没有积分记录', until: '{at} 前有效', pending: '待生效', over: '满 {amount} 可用', settings: '语言与外观' },
    tier: { basic: '普通会员', silver: '银卡会员', gold: '金卡会员', black: '黑卡会员' },
    verdict: { not_chosen: '不是您选的门店', outside_area: '送不到这里', closed: '休息中', closes_before_ready: '打烊前来不及', no_stock: '库存不够', below_minimum: '没到起送价', too_far: '太远', too_heavy: '太重', capacity_full: '太忙了', no_riders: '没有骑手', too_late: '送达太晚', rejected_before: '刚才拒绝了这一单', excluded_zone: '这里不在配送范围', ring_hours: '这个时间不送到这里', detour_too_long: '绕路太远', emergency_closed: '临时关闭', not_sold_here: '不卖其中的商品', too_slow: '赶不上承诺的时间', ruled_out: '暂时不接这类订单' },
    coupon_state: { issued: '可用', held: '使用中', locked: '使用中', redeemed: '已使用', used: '已使用', expired: '已过期', cancelled: '已失效' },
    points_kind: { restore: '退还积分', accrue: '购物获得', earn: '购物获得', redeem: '积分抵扣', hold: '抵扣占用', release: '占用退回', reverse: '退款扣回', expire: '积分过期', adjust: '调整', activate: '积分生效', give_back: '退还' },
  },
}

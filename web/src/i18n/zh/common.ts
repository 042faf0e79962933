export default {
  app: { customer: 'o2o 到家', clerk: '门店工作台', rider: '骑手端', dispatcher: '调度台', hq: '总部' },
  do: {
    ok: '好的', cancel: '取消', close: '关闭', back: '返回', retry: '再试一次', save: '保存', undo: '撤销', search: '搜索', sign_in: '登录', sign_out: '退出登录',
    more: '更多', all: '全部', confirm: '确认', refresh: '刷新', clear: '清空', choose: '选择', add: '加入', remove: '移除', next: '下一步', finish: '完成', copy: '复制',
  },
  sign_in: {
    title: '欢迎', username: '账号', password: '密码', demo: '演示账号', demo_hint: '点一下即可登录', phone: '手机号', code: '验证码', send_code: '获取验证码', resend: '{n} 秒后重发', demo_code: '演示验证码 {code}',
    staff: '员工登录',
  },
  trouble: {
    title: '支付异常', none: '没有支付异常', tries: '已试 {n} 次', next: '{at} 自动再试', until: '等到 {at}', history: '经过（{n}）', retry: '马上重试', ask: '请顾客另付', why: '原因（必填）',
    kind: { capture: '收款失败', void: '解冻失败', refund: '退款失败', unpaid: '未付款' }, state: { retrying: '自动重试中', open: '待处理', asked: '等顾客付款', closed: '已了结' },
    end: { capture: '核销', unpaid: '核销', void: '渠道已解冻', refund: '已另行退款' },
    act: { failed: '渠道未办成', not_paid: '到期未付', retried: '人工重试', asked: '请顾客另付', done: '已办成', paid_cash: '改收现金', given_back: '货已退回，不再应收', written_off: '已核销', lapsed: '渠道已解冻', given_otherwise: '已另行退款' },
    actor: { system: '系统', hq: '总部', dispatcher: '调度', clerk: '店员' }, reason: { payments_declined: '支付渠道拒绝', payments_no_answer: '支付渠道没有应答', payments_not_paid_in_time: '到期没有付款' },
  },
  look: { light: '浅色', dark: '深色', auto: '跟随系统', language: '语言', theme: '外观' },
  state: { offline: '网络不通，恢复后自动同步', waiting: '{n} 条待上传', stopped: '{n} 条没有传成', reconnecting: '正在重新连接…', empty: '这里还什么都没有', loading: '加载中…' },
  unit: { piece: '件', kg: '公斤', each: '/件', per_kg: '/公斤', min: '分钟' },
  map: { me: '我的位置', locate: '定位', attribution: '© OpenStreetMap contributors', store: '门店', rider: '骑手' },
  order_state: {
    placed: '待付款', paid: '备货中', picking: '拣货中', packed: '待取货', delivering: '配送中', delivered: '已送达', completed: '已完成', expired: '已超时', cancelled: '已取消', unfillable: '无法供货', collected: '已自提', returned: '已退货',
  },
  delivery_state: {
    waiting: '等待派单', unassigned: '等待派单', offered: '待骑手接单', assigned: '已派骑手', accepted: '骑手已接单', picked_up: '配送中', arrived: '已到达', delivered: '已送达', failed: '配送失败', returning: '返回门店', returned: '已退回', cancelled: '已取消', courier: '第三方配送',
  },
  rider_state: { off_shift: '未上线', offline: '离线', available: '空闲', online: '在线', on_trip: '配送中', returning: '返回中', break: '休息', free: '空闲', busy: '配送中', offered: '待接单', silent: '失联' },
  task_state: { queued: '待拣', assigned: '已分配', started: '拣货中', in_progress: '拣货中', picking: '拣货中', picked: '已拣完', finished: '已完成', done: '已完成', staged: '已备妥', rejected: '已拒单', cancelled: '已取消', awaiting_customer: '等顾客确认' },
  switch: {
    calm: '正常接单', off: '总部已停业', rush: '高峰模式', close: '紧急停业', open: '恢复营业', end_rush: '结束高峰', closed: '紧急停业中', closed_until: '紧急停业至 {at}', rush_until: '高峰模式：承诺 +{extra}，至 {at}',
    longer: '多承诺', lasts: '持续', why: '原因', until_told: '直到手动恢复', effect_rush: '确认后立即生效：之后的订单都多承诺 {extra} 分钟，已下的订单不变', effect_close: '确认后立即生效：不再接新订单，顾客下单时也选不到本店；已接的订单照常完成', confirm_rush: '开启高峰模式', confirm_close: '确认紧急停业',
    reason: { power: '停电', equipment: '设备故障', staff: '人手不足', weather: '恶劣天气', police: '临时管制', other: '其他原因' },
  },
  why: {
    store: '为什么是这家店', attempt: '第 {n} 次派店', decided: '{at} 决定', rules: '规则第 {n} 版', house: '系统默认规则', reproduced: '按当时数据重算一致', second: '前 {n} 选中成交（更优的已被抢先）', unreadable: '这条记录的格式已不再支持', runner_up: '比第二名 {name} 省 {amount}', refused: '没有入选的 {n} 家', none: '没有寻源记录', pickup: '顾客自己选的自提门店', and: '、', and_more: '{names} 等另 {n} 种', short: '{name}（剩 {left}/要 {wanted}）',
    term: { promise: '等待时间', ride: '配送成本', fee: '配送费', distance: '距离', backlog: '门店积压', riders: '运力紧张', stock: '快卖空', split: '拆单', expiry: '临期优先' },
    verdict: { not_chosen: '不是顾客选的门店', rejected_before: '刚才拒绝了这一单', excluded: '刚才拒绝了这一单', outside_area: '不在配送范围', excluded_zone: '在禁送区内', ring_hours: '这个时段不送到那里', too_far: '太远', detour_too_long: '绕路太多', emergency_closed: '紧急停业', closed: '休息中', not_sold_here: '不卖这些商品', no_stock: '库存不够', below_minimum: '没到起送价', too_heavy: '太重', capacity_full: '拣货已满', no_riders: '没有骑手', closes_before_ready: '打烊前来不及', too_slow: '达不到承诺的时效', too_late: '送达太晚', ruled_out: '被规则排除' },
    told: { outside_area: '不在配送范围（{distance}）', too_far: '太远（{distance}，上限 {most}）', detour_too_long: '绕路太多（路程 {ride}，直线 {distance}）', emergency_closed: '紧急停业，{opens} 恢复', closed: '休息中，{opens} 营业', not_sold_here: '不卖 {goods}', no_stock: '库存不够：{goods}', below_minimum: '没到起送价，还差 {missing}', too_heavy: '太重（{weight}）', capacity_full: '拣货已满，到 {until}', closes_before_ready: '{closes} 打烊，来不及', too_slow: '达不到 {speed} 送达', too_late: '要到 {by} 才能送达', ruled_out: '被规则排除：{name}' },
  },
  shelf: {
    pile: { on_hand: '在库', reserved: '已预占', safety: '安全库存', damaged: '残损', quality_control: '待检', in_transit: '在途', app: '可售', kept_back: 'App 不卖' },
    channel: { app: 'App', till: '收银台' }, sells: { app: 'App 可售', till: '收银台可售' },
    why: '可售数怎么来的', missing: '账上比应有的少 {n} 件，已记差异', promised: '预占的订单', promised_none: '没有订单预占', until: '保留到 {at}', paid: '已付款', coming: '正在路上', coming_none: '没有在路上的货', lots: '批次', lots_text: '先到期先出', first: '先出', blocked: '已封存', no_day: '无效期', moves: '{pile}流水', moves_none: '还没有变动', told_late: '{at} 才报到', safety_text: '留在货架上、App 不承诺的件数，由总部的渠道规则决定',
    step: { on_hand: '在库', reserved: '已预占', damaged: '残损', quality_control: '待检', expired_holds: '已过期的预占', safety: '安全库存', limited_offer: '限量抢购', not_offered: 'App 不卖', below_threshold: '低于渠道门槛', short: '承诺多于现货', never_below_zero: '不低于零' },
    kind: { receipt_undone: '撤销收货', write_off_undone: '撤销报损', receipt: '收货', sale: '收银', pick: '拣货', count: '盘点', write_off: '报损', return: '退货', transfer_in: '调入', transfer_back: '调拨退回', transfer_out: '调出', rejection: '缺货上报', set_apart: '移到一边或放回', expired: '批次到期封存', opening: '期初' },
    note: { NOT_IN_STOCK: '货架上没有', MISMATCH: '数量不符', DAMAGE: '破损', weekly: '每周盘点', expired: '过期', spoiled: '变质', broken: '破损', damaged: '残损', stolen: '失窃', sampled: '试吃', donated: '捐赠', lost: '找不到', other: '其他', discrepancy: '有差异', rejection: '拣货缺货', clerk: '店员要求', hq: '总部要求' },
  },
  return_state: { requested: '待处理', approved: '已同意', received: '已收货，待检验', refunded: '已退款', rejected: '已拒绝', cancelled: '已取消' },
  supply_gap: { less: '少 {n}', extra: '多 {n}', bad: '坏 {n}', no: '拒 {n}' },
  supply_reason: { short: '少送', over: '多送', broken: '破损', spoiled: '变质', near_date: '效期太近', wrong: '送错', missing: '途中丢失', other: '其他' },
  return_reason: { damaged: '破损', wrong: '发错了', missing: '少了', quality: '质量问题', unwanted: '不想要了', broken: '破损' },
  stop_kind: { pickup: '取货', dropoff: '送货', return: '退回' },
}

export default {
  rider: {
    today: '今日收入', deliveries: '已送 {n} 单', go_online: '上线接单', go_offline: '下线', hello: '准备好了吗？', hello_text: '上线后系统会为你安排顺路的行程', waiting: '正在为你找单', waiting_text: '保持在线，有合适的行程会马上提醒你',
    new_trip: '新行程', offer_sum: '{drops} 单 · 全程 {distance}', accept_trip: '接单', decline_trip: '不接',
    decline: { too_far: '太远了', vehicle: '车辆有问题', break: '想休息一下', other: '其他原因' },
    due: '应达 {at}', eta: '预计 {at} 到', ready: '已备好', wait_packed: '门店备货中，请稍等', not_ready: '备货中', steer: '导航', all_stops: '全部站点', cannot: '无法送达',
    arrive: { pickup: '我已到店', dropoff: '我已到达', return: '我已到店' },
    complete: { pickup: '已取货，出发', return: '已退回门店' },
    hand_over: '交付，输入取件码', code_title: '输入取件码', code_text: '请顾客出示 4 位取件码',
    fail: { title: '为什么没送到？', no_contact: '联系不上顾客', refused: '顾客拒收', wrong_address: '地址有误', unsafe: '无法安全到达', told: '已记录，请把商品带回门店' },
    day: { deliveries: '完成单数', trips: '行程', distance: '里程' }, demo_ride: '沿路线模拟骑行',
  },
}

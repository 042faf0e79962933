export default {
  rider: {
    today: '今日收入', deliveries: '已送 {n} 单', go_online: '上线接单', go_offline: '下线', hello: '准备好了吗？', hello_text: '上线后系统会为你安排顺路的行程', waiting: '正在为你找单', cut_off: '没有信号', cut_off_text: '做完的都存在手机里，有信号后自动上传，之后才会派新单', waiting_text: '保持在线，有合适的行程会马上提醒你', shift_until: '班次至 {at}，有合适的行程会马上提醒你',
    new_trip: '新行程', offer_sum: '{drops} 单 · 全程 {distance}', accept_trip: '接单', decline_trip: '不接',
    decline: { too_far: '太远了', vehicle: '车辆有问题', break: '想休息一下', other: '其他原因' },
    deed: { pickup: '取货', dropoff: '送货', return: '退回门店', fetch: '上门取退货', bring: '送到门店' },
    due: '应达 {at}', eta: '预计 {at} 到', ready: '已备好', wait_packed: '门店备货中，请稍等', not_ready: '备货中', steer: '导航', all_stops: '全部站点', cannot: '无法送达', cannot_fetch: '取不到货',
    arrive: { pickup: '我已到店', dropoff: '我已到达' },
    complete: { pickup: '已取货，出发', dropoff: '已送达', return: '已退回门店', fetch: '已取到退货', bring: '已交给门店' },
    hand_over: '交付，输入取件码', code_title: '输入取件码', code_text: '请顾客出示 4 位取件码',
    photo: '拍照交付', photo_title: '交付照片', photo_again: '重拍', photo_keep: '用这张，完成交付', photo_bad: '这不是照片，请重拍', photo_large: '照片超过 30 MB，请重拍',
    sign: '签名交付', sign_title: '请顾客签名', sign_text: '用手指在下面签名 · {no}', sign_done: '签好了，完成交付',
    fail: { title: '为什么没办成？', no_contact: '联系不上顾客', refused: '顾客拒收', wrong_address: '地址有误', unsafe: '无法安全到达', told: '已记录，请把商品带回门店', told_fetch: '已记录，继续下一站' },
    pool: { title: '抢单池', take: '抢单', taken: '抢到了，请去取货', to_store: '距门店 {far}', to_door: '送 {far}' },
    rest: { ask: '休息', after: '本趟后休息', after_on: '本趟后休息 ✓', soon: '本趟后休息', title: '休息中', text: '休息时不会收到派单', back: '休息好了，继续接单' },
    report: { title: '遇到什么问题？', short: '上报异常', accident: '事故', vehicle: '车辆', weather: '天气', customer: '顾客', store: '门店', other: '其他', note: '补充说明（可不填）', send: '告诉调度', told: '已记录，调度会联系你' },
    day: { deliveries: '完成单数', trips: '行程', distance: '里程', each: '每趟收入', none: '今天还没有完成的行程', shifts: '我的班次', no_shifts: '还没有排班' }, demo_ride: '沿路线模拟骑行',
  },
}

export default {
  desk: {
    area: '调度区域', search: '单号、地址、骑手（/）', columns: '显示列',
    tab: { deliveries: '配送单', waiting: '待派', riders: '骑手', rounds: '调度轮次' },
    number: { open: '进行中', unassigned: '待派单', late: '将超时', riders: '空闲/在线', delivered: '24h 送达', on_time: '准时率', mean: '平均时长' },
    col: { order: '单号', due: '应达', state: '状态', risk: '风险', store: '门店', rider: '骑手', eta: '预计', address: '地址', weight: '重量', load: '在途', vehicle: '车辆', heard: '最近信号' },
    risk: { ok: '正常', tight: '偏紧', late: '将超时' },
    layer: { doors: '配送地址', trips: '行程路线' },
    vehicle: { ebike: '电动车', bike: '自行车', scooter: '摩托', car: '汽车', van: '货车', walk: '步行', foot: '步行' },
    no_deliveries: '没有符合条件的配送单', none_waiting: '所有订单都有骑手了', none_waiting_text: '新的订单会在下一轮调度时出现在这里', no_riders: '没有在线骑手', no_rounds: '还没有调度记录',
    until: '最晚 {at}', next_round: '等待下一轮调度', being_packed: '门店备货中，预计 {at} 出货', heard_s: '{n} 秒前', heard_min: '{n} 分钟前',
    round: '{jobs} 单 · {riders} 名骑手', given: '派出 {n}', deferred: '暂缓 {n}', digest: '方案指纹',
    detail: { due: '应达', ready: '出货', requested: '下单', weight: '重量', rider: '骑手', store: '门店', address: '地址', trip: '行程', why: '为什么还没派？', why_chosen: '为什么派给 TA？', open_orders: '本店进行中', candidates: '各骑手的判断', would_fit: '怎样就能派出去', chosen: '已选', no_why: '还没有轮次考虑过这一单', cost: '代价' },
    incident: { title: '异常', resolve: '处理完毕', silent_with_goods: '带货失联', accident: '事故', vehicle: '车辆故障', weather: '天气', customer: '顾客问题', store: '门店问题', other: '其他' },
  },
}

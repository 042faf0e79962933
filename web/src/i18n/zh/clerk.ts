export default {
  clerk: {
    back: { title: '售后', refund: '只退款', return: '退货退款', refund_text: '同意后钱立刻退给顾客，商品不用退回', return_text: '同意后顾客把商品带到任意门店，检验后退款', note: '给顾客的话（选填）', yes: '同意', no: '不同意', receive: '商品已收到', look: '看一下商品，决定放哪里', outcome: { restocked: '完好，放回货架', quarantined: '先待检', wasted: '不能卖了', rejected: '不收，退还顾客' }, effect: { restocked: '在库增加，钱退给顾客', quarantined: '放进待检，钱退给顾客', wasted: '放进残损，钱退给顾客', rejected: '库存不变，不退款' } },
    no_camera: '无法打开摄像头，请用扫码枪或手动点选',
    rail: { queue: '拣货', till: '收银', stock: '库存', work: '门店' },
    queue: { title: '待拣订单', open: '{n} 单待拣', late: '{n} 单超时', empty: '暂时没有订单', empty_text: '新订单来了会响铃提醒', size: '{lines} 种 {pieces} 件', due: '{at} 前', mine: '我在拣', colleague: '同事在拣', done: '已完成', none_done: '今天还没有完成的订单', short: '缺货', counter: '等顾客自提', ask_code: '请顾客出示 4 位取件码', give: '核对无误，交付' },
    task: { camera: '摄像头扫码', hint: '扫码、点卡片或称重；没网也能继续', finish: '完成拣货', short: '缺货', short_n: '缺 {n} 件', weigh: '称重', each: '每份约 {weight}', enough: '{name} 已经拣够了', not_here: '{name} 不在本单里', too_late: '已经上传，无法撤销', cancelled: '顾客取消了这一单，请把商品放回货架' },
    prefer: { ask: '缺货时请先问顾客', substitute: '顾客同意换相近商品', refund: '不要替换，缺货退款' },
    reason: { NOT_IN_STOCK: '货架没货', DAMAGE: '破损', MISMATCH: '数量不符' },
    consent: { waiting: '等顾客回复', approved: '顾客同意', rejected: '顾客不要' },
    short: { title: '缺货登记', count: '缺几件？', instead: '换成什么？', found: '找到了，不缺', with: '登记并换货', without: '登记缺货' },
    weigh: { about: '约 {weight}', pieces: '{n} 份', heavy: '比下单重了一些，超出部分不收钱' },
    reject: { title: '整单拒绝', sure: '确定拒绝整单？', text: '订单会转给其他门店', NOT_IN_STOCK: '缺货太多', DAMAGE: '商品破损', TOO_BUSY: '太忙了', STORE_CLOSED: '要打烊了', OTHER: '其他原因' },
    off: { expired: '过期', spoiled: '变质', broken: '破损', damaged: '残损', stolen: '失窃', sampled: '试吃', donated: '捐赠', lost: '找不到', other: '其他' },
    till: { use_points: '用积分', earned: '本单积分 +{n}', scan: '扫商品条码或会员码，也可手输', search: '按名字找商品', empty: '开始扫码吧', empty_text: '扫商品条码、称重标签或会员码', member_hint: '扫会员码可积分、用券', points: '可用 {n} 积分（抵 {amount}）', pieces: '共 {n} 件', cash: '现金', code: '扫码付', kept: '已存本机，恢复网络后上传', told: '已入账', print: '打印小票', next: '下一位' },
    stock: { apart: '移到一边', ask_count: '请人盘点', counting: '已登记，在“门店”里等着盘点', pile: '哪一堆', to: '移到一边', back: '放回货架', from_damaged: '本来就在残损堆里', back_to_list: '全部商品', apart_done: '已移开 {n} 件', back_done: '已放回 {n} 件', off_done: '已报损 {n} 件', received_done: '已收货 {n} 件', less: '减一件', plus: '加一件', choose: '选一件商品', choose_text: '扫码或点选，查看库存是怎么算出来的', off: '报损', lots: '批次', search: '商品名、条码', on_hand: '在库', reserved: '已预占', sellable: '可售', receive: '收货', count: '盘点', damaged: '破损', why: '流水', receive_title: '收货入库', count_title: '盘点', how_many: '数量', counted: '实盘数量', lot: '批号（可选）', expires: '到期日', saved: '已保存', why_title: '库存是怎么来的', empty: '没有找到商品', low: '偏低', safety: '安全库存' },
    rota: { title: '拣货排班', text: '时段和承诺按这里的人手计算，改了立即生效；没有排班的时间按平时估算', now: '现在 {n} 人在拣', nobody: '现在没有排班', next: '{at} 起 {n} 人', no_more: '一周内没有后续排班', hands: '{n} 人', none: '这周还没有排班', none_text: '在下面加第一班', today: '今天', add: '加一班', day: '日期', from: '开始', until: '结束', how_many: '人数', remove: '取消 {range} 的 {n} 人' },
    work: {
      nothing: '没有待办', nothing_text: '盘点、调拨、到货、临期会出现在这里', choose: '选一项开始', counts: '盘点', back_from: '{name} 退回', count_back: '收回退回的调拨', transfers: '调拨', deliveries: '供应商到货', expiring: '两天内到期', wrong: '账实差异', scope: { directed: '指定商品', full: '全店盘点' }, state: { requested: '待盘', counting: '盘点中', counted: '待复核' }, to: '发往 {name}', from: '来自 {name}',
      blind: '盲盘：数到多少填多少', blind_text: '好的、坏的都数进去；账面数不显示', submit: '提交（已盘 {n}/{all}）', submitted: '已提交，等同事复核', review: '复核差异', post: '确认过账', send: '发出调拨', receive: '收调拨', sent: '已装车，发出', received: '确认收货', why_lost: '少 {n} 件的原因', lost_on_way: '途中损失', announced: '通知 {n}', field: { received: '实收', damaged: '其中破损', refused: '拒收' }, differs: '{n} 种与通知不符，已记录', as_announced: '与通知一致',
    },
  },
}

export default {
  hq: {
    page: { overview: '经营总览', orders: '订单与寻源', stores: '门店与范围', coverage: '覆盖分析', stock: '库存', sourcing: '寻源规则', promises: '承诺报告' },
    overview: {
      text: '今日零点至今，每 15 秒更新', orders: '线上订单', sold: '销售额', open: '进行中', on_time: '准时率', promised: '承诺时长（中位）', parked: '待处理订单', discrepancies: '库存差异', till: '门店收银 {n} 笔', overdue: '{n} 单已超时', of: '已送达 {n} 单', took: '实际 {n}', minutes: '{n} 分钟',
      by_hour: '每小时订单', placed: '下单', kept: '准时送达', late: '超时送达', stores: '门店', store: '门店', none_parked: '没有等待处理的订单', none_wrong: '账实一致，没有差异', until: '{at} 前',
      column: { orders: '订单', open_orders: '进行中', late: '超时', on_time_percent: '准时率', discrepancies: '差异' },
    },
    stores: { shut: '停业', text: '点门店名查看状态，进入“范围”画配送区', search: '店名、编号、地址', none: '没有找到门店', zones: '范围', open: '营业中', open_until: '营业至 {at}', opens: '{at} 营业', shared: '全区共用', exclusions: '禁送区' },
    weekday: { 0: '一', 1: '二', 2: '三', 3: '四', 4: '五', 5: '六', 6: '日' },
    zones: {
      side: { zones: '范围', versions: '历史版本' }, tools: '绘图工具', tool: { polygon: '多边形', circle: '圆形', bar_polygon: '禁送区', bar_circle: '圆形禁送区' }, redo: '重做', fit: '看全部',
      hint: { polygon: '逐点点击画边界，点回起点或按回车闭合，退格删上一点，Esc 取消', circle: '从门店向外拖出半径', free_circle: '按住圆心向外拖', corners: '拖动角点调整，拖中点加角，点选后按 Delete 删除，方向键微调' },
      rings: '配送范围', barred: '禁送区', none: { store: '还没有配送范围', area: '还没有共用禁送区' }, none_text: { store: '用左上角的工具在地图上画一个', area: '湖泊、园区等，画一次对全区门店生效' }, within: '{time}内', from: '{amount} 起送', free: '免配送费', homes: '{n} 户', some_hours: '限时段',
      told: { radius: '半径 {distance}', drive_time: '骑行 {n} 分钟', polygon: '自绘 {n} 角' }, shape: { radius: '半径', circle: '圆', drive_time: '骑行时间', polygon: '多边形' }, and: '并且', and_also: '再加条件：',
      field: { name: '名称', name_ring: '如：3 公里极速达', name_barred: '如：湖面', fee: '配送费', min_basket: '起送价', pace: '承诺', minutes: '下单后', arrives_from: '最早送达', arrives_until: '最晚送达', shape: '形状', all_of: '同时满足', windows: '生效时段', from: '从', until: '到' }, pace: { speed: '限时达', arrives: '时段送达', none: '不承诺' }, always: '全天每天', add_window: '加时段', next_day: '次日',
      effect: { homes: '覆盖户数', new: '新增覆盖', lost: '不再覆盖' }, trying: '正在试算…', not_tried: '改动还未保存', estimated: '没有路网，骑行范围按直线估算', note: '改了什么（可选）', drop: '放弃改动', saving: '保存中…', saved: '已保存，立即生效', newer: '其他人刚保存了新版本', take_newer: '看新版本（放弃我的改动）', leave: '改动还没有保存，确定离开吗？',
      version: '第 {n} 版', in_force: '生效中', restore: '恢复', restore_sure: '恢复到第 {n} 版？', restore_text: '会成为新的一版并立即生效，当前版本仍保留在历史里', restored: '已恢复到第 {n} 版', was_restored: '恢复自第 {n} 版', zones_n: '{n} 个范围', no_versions: '还没有修改记录', no_versions_text: '每次保存都会留下一版，随时可以恢复', shared: '{name} · 共用禁送区', shared_text: '对本区所有门店生效',
      transfer: '导入导出',
    },
    stock: {
      tab: { rules: '渠道规则', replenish: '补货建议', transfers: '调拨', expiry: '临期', counts: '盘点', suppliers: '供应商' },
      text: { rules: '货架上的库存，线上可以卖多少：先试算，再生效', replenish: '按销量预测、到货周期与起订量算出的补货量', transfers: '门店之间的调拨单', expiry: '按到期日排列的批次', counts: '下发、复核与过账', suppliers: '准时、足量、完好' },
      any_store: '全部门店', which_store: '选择门店', any_sku: '全部商品', any_category: '全部分类', rules_in_force: '生效中的规则', no_rules: '没有规则', no_rules_text: '货架上可卖的，线上全部可卖', new_rule: '新规则', scope_store: '门店', scope_category: '分类', scope_sku: '商品', safety: '安全库存', threshold: '低于此数不卖', offered: '线上销售', is_offered: '线上可卖', not_offered: '线上不卖', unchanged: '不改变', note: '说明',
      try: '试算影响', trying: '试算中…', put_in_force: '生效', would_change: '会改变 {n} 个库存项的可售数', would_not: '不会改变任何可售数', first_of: '显示前 {n} 个，共 {all} 个', rule_saved: '规则已生效，改变了 {n} 个库存项', rule_removed: '规则已取消，改变了 {n} 个库存项', keeps: '留 {n} 件', below: '不足 {n} 件不卖',
      no_proposals: '没有补货建议', no_proposals_text: '设置商品的供应商、到货周期后，系统每天会算几次', proposals_n: '建议补货 {n} 种', order_n: '下单 {n} 种', ordered: '已生成 {n} 张到货通知', good: '商品', supplier: '供应商', daily: '日销预测', position: '现有+在途', target: '目标', error: '误差/朴素', propose: '建议', made: '算于',
      expired: '已过期', today: '今天到期', in_days: '还剩 {n} 天', within_days: '{n} 天内', none_expiring: '这段时间没有到期的批次', blocked: '已下架', last_days: '近 {n} 天', no_scores: '还没有到货记录', no_scores_text: '收到供应商的货后，这里会显示准时、足量与完好率', deliveries: '到货次数', on_time_permille: '准时', in_full_permille: '足量', quality_permille: '完好',
      no_transfers: '没有调拨单', no_transfers_text: '在右侧建一张，发出门店会在平板上看到', transfer: { draft: '待发出', in_transit: '在途', received: '已收货', canceled: '已取消' }, lost: '损失 {n} 件', new_transfer: '新调拨单', to: '调往', quantity: '数量', line: '加一行', plan: '下发调拨单', transfer_drafted: '调拨单已下发',
      scope: { directed: '指定商品', full: '全店盘点' }, count: { requested: '待盘', counting: '盘点中', counted: '待复核' }, no_counts: '没有进行中的盘点', no_counts_text: '缺货、差异会自动发起，也可以在右侧下发', review: '复核', expected: '账面', counted: '实盘', difference: '差异', post: '确认过账', count_posted: '已过账，调整了 {n} 种商品', ask_count: '下发盘点', ask_one: '盘这一种', ask_all: '盘全店', count_asked: '已下发到门店平板',
    },
    orders: {
      text: '查任意一单：承诺与实际、为什么由这家店发货', search: '单号', only: { all: '全部', late: '超时', moved: '改派过', split: '多包裹' }, none: '没有符合条件的订单', parcels: '{n} 个包裹', moved: '改派', choose: '选一笔订单', choose_text: '看它的承诺怎么算出来，时间花在了哪里', late: '晚 {time}', early: '早 {time}', just: '准点',
      plan: '计划', real: '实际', stage: { queue: '排队', pick: '拣货', rider: '等骑手', ride: '配送' }, promise: '承诺', placed: '{at} 下单', promised: '承诺 {at} 前', came: '{at} 送达', attempt: '第 {n} 次派店', goods: '商品', picked: '实拣 {n}', shipment: { held: '待付款', open: '待拣', picking: '拣货中', packed: '已打包', handed_over: '配送中', delivered: '已送达', rejected: '门店拒单', returned: '已退回', cancelled: '已取消' },
    },
  },
}

export default {
  hq: {
    page: { overview: '经营总览', orders: '订单与寻源', stores: '门店与范围', coverage: '覆盖分析', stock: '库存', sourcing: '寻源规则', lost: '流失需求', promises: '承诺报告' },
    overview: {
      text: '今日零点至今，每 15 秒更新', orders: '线上订单', sold: '销售额', open: '进行中', on_time: '准时率', promised: '承诺时长（中位）', parked: '待处理订单', discrepancies: '库存差异', till: '门店收银 {n} 笔', overdue: '{n} 单已超时', of: '已送达 {n} 单', took: '实际 {n}', minutes: '{n} 分钟',
      by_hour: '每小时订单', placed: '下单', kept: '准时送达', late: '超时送达', stores: '门店', store: '门店', none_parked: '没有等待处理的订单', kind: { unfillable: '无店可派', waiting_for_stock: '等补货', pickup_rejected: '等顾客答复' }, owner: { dispatcher: '调度处理', store: '门店处理', customer: '顾客决定' }, tries: '已试 {n} 次', retry: '马上再试', give_up: '退款了结', give_up_text: '订单取消，已付的钱、积分和优惠券全部退回', now_is: '订单现在：{state}', none_wrong: '账实一致，没有差异', until: '{at} 前',
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
      no_transfers: '没有调拨单', no_transfers_text: '在右侧建一张，发出门店会在平板上看到', transfer: { back: '退回待收', taken_back: '已退回', draft: '待发出', in_transit: '在途', received: '已收货', canceled: '已取消' }, lost: '损失 {n} 件', new_transfer: '新调拨单', to: '调往', quantity: '数量', line: '加一行', plan: '下发调拨单', transfer_drafted: '调拨单已下发',
      scope: { directed: '指定商品', full: '全店盘点' }, count: { requested: '待盘', counting: '盘点中', counted: '待复核' }, no_counts: '没有进行中的盘点', no_counts_text: '缺货、差异会自动发起，也可以在右侧下发', review: '复核', expected: '账面', counted: '实盘', difference: '差异', post: '确认过账', count_posted: '已过账，调整了 {n} 种商品', ask_count: '下发盘点', ask_one: '盘这一种', ask_all: '盘全店', count_asked: '已下发到门店平板',
    },
    orders: {
      text: '查任意一单：承诺与实际、为什么由这家店发货', search: '单号', only: { all: '全部', late: '超时', moved: '改派过', split: '多包裹' }, none: '没有符合条件的订单', parcels: '{n} 个包裹', moved: '改派', choose: '选一笔订单', choose_text: '看它的承诺怎么算出来，时间花在了哪里', late: '晚 {time}', early: '早 {time}', just: '准点',
      plan: '计划', real: '实际', stage: { queue: '排队', pick: '拣货', rider: '等骑手', ride: '配送' }, promise: '承诺', placed: '{at} 下单', promised: '承诺 {at} 前', came: '{at} 送达', attempt: '第 {n} 次派店', goods: '商品', picked: '实拣 {n}', shipment: { held: '待付款', open: '待拣', picking: '拣货中', packed: '已打包', handed_over: '配送中', delivered: '已送达', rejected: '门店拒单', returned: '已退回', cancelled: '已取消' },
    },
    sourcing: {
      text: '先排除不合适的门店，再按成本选出最优；改动先在昨天的订单上试算', order: '入选门店的排序', for: '适用于', method: '方式', channel: '渠道', any_method: '配送与自提', delivery: '配送', pickup: '自提', any_channel: '所有渠道', app: 'App', any_area: '所有区域', settings: '门槛与权重', add_setting: '加一项', filters: '排除门店', filter_name: '规则名（会显示在“为什么”里）', if: '当', fact_label: '条件', how_label: '比较', add_condition: '加条件', add_filter: '加一条排除规则', add_section: '加一组（可按区域、方式）', earlier: '提前',
      unit: { yuan: '元', min: '分钟', m: '米', kg: '公斤', percent: '%', n: '', flag: '' }, how: { over: '大于', under: '小于', is: '等于' },
      sort: { score: '综合成本最低', promise: '送达最早', distance: '距离最近', backlog: '积压最少', fee: '配送费最低' },
      fact: { distance_m: '直线距离', ride_m: '骑行路程', ride_s: '骑行时间', fee_fen: '配送费', arrive_s: '送达用时', ready_s: '备货用时', backlog_s: '门店积压', riders: '在线骑手数', open_deliveries: '进行中配送', window_s: '距送达时段', goods_fen: '商品金额', weight_g: '重量', lines: '商品种数' },
      setting: { farthest_m: '最远距离', most_detour_percent: '最大绕路（路程/直线）', detour_from_m: '绕路从多远算起', longest_promise_s: '最长承诺', latest_window_s: '时段送达最晚', most_backlog_s: '积压超过就不派', heaviest_g: '一单最重', needs_riders: '没有骑手就不派', keep_ring_speed: '达不到范围的时效就不派', fen_per_promised_minute: '顾客每等 1 分钟折合', fen_per_km: '每公里折合', fen_per_backlog_minute: '每分钟积压折合', fen_per_waiting_delivery: '每单等骑手折合', fen_without_riders: '无骑手折合', fen_for_last_pieces: '卖空一种折合', healthy_left: '剩几件算快卖空', fen_for_expiring: '每卖一件临期省', most_shipments: '最多几家店拆单', split_fen: '每多一个包裹折合', least_split_fen: '满多少才拆单', least_part_fen: '每个包裹至少' },
      versions: '版本', version: '第 {n} 版', house: '系统默认', in_force: '生效中', draft: '草稿', applied: '曾生效', scheduled: '{at} 生效', note: '改了什么', try: '试算', day: '哪一天', yesterday: '昨天的订单', today: '今天的订单', trying: '正在重算昨天的订单…', apply: '生效', applied_now: '第 {n} 版已生效', apply_sure: '让第 {n} 版生效？', apply_text: '之后的每一次试算都按这一版；已下的订单不变', edit: '以此为底稿', changed: '改动还没试算',
      would: { same: '选店不变', moved: '换了门店', lost: '无店可派', promise: '承诺（中位）', cost: '配送成本合计', fee: '配送费合计', parcels: '包裹数' }, decisions: '{n} 个寻源决定', refused: '另有 {n} 个购物车当时无店可派：', won: '其中 {n} 个能接下，商品 {worth}', none_won: '这套规则一个也接不下', partly: '只算了一部分', no_changes: '一单都不会变', nobody: '无店可派', no_orders: '昨天没有可以试算的订单', no_orders_text: '寻源记录从今天开始积累', none: '还没有自定义规则', none_text: '现在按系统默认的门槛与权重选店',
    },
    coverage: {
      kind: { gap: '无人覆盖', one: '1 家覆盖', two: '2 家覆盖', many: '3 家以上' }, when: { ever: '不限时段', now: '此刻', at: '指定时间' }, homes: '全城 {n} 户，按有几家门店可送', no_homes: '没有住户数据', no_homes_text: '导入城市后，这里会按门牌统计覆盖', what_if: '假如 {name} 按半径配送', edit: '去画范围', curve: '半径与户数', within: '半径内户数',
      column: { homes: '覆盖户', alone: '独家', farthest_m: '最远', area_km2: 'km²' },
    },
    transfer: {
      drop: '拖入文件，或点这里选择', datum: '坐标系', datums: { wgs84: 'WGS-84（GPS）', gcj02: 'GCJ-02（高德、腾讯）', bd09: 'BD-09（百度）' }, format: '格式', formats: { geojson: 'GeoJSON', gpkg: 'GeoPackage', shp: 'Shapefile' }, repair: '可以修好的图形自动修复', sure: '坐标系没有选错，仍然导入', reading: '正在检查文件…',
      becomes: '{before} 个 → {after} 个', feature: '第 {n} 个图形', ignored: '忽略的字段：{fields}', faults: '{n} 处问题，修好后才能导入', take: '导入', taken: '已导入 {n} 个范围（{stores} 家）', out: '导出全部范围', how: '先检查，再导入', how_text: '问题会标在地图上；文件里出现的门店整体替换，没出现的不变',
    },
    lost: {
      text: '没有一家门店接得了的购物车：为什么、在哪里、什么时候', ago: { 0: '今天', 1: '昨天', 2: '前天' }, none: '这一天没有流失', none_text: '每个购物车都找到了门店', gone: '流失购物车', worth: '商品金额', regained: '两小时内又下单', partly: '这一天的流失超过了保存上限，这里只是一部分', why: '差在哪里', how: '按离“接得了”最近的那家门店的原因归类；同一顾客每小时只算一次', when: '什么时候', try: '用更宽的规则试算能挽回多少',
      group: { reach: '送不到', goods: '没有货', capacity: '忙不过来', hours: '没开门', rules: '规则' }, do: { reach: '去看覆盖与空白', goods: '去看库存与补货', capacity: '去看承诺与运力', hours: '去看门店与时段', rules: '去改寻源规则' },
    },
    promises: {
      text: '每个承诺都和实际放在一起看：说到做到的占多少，哪一段不准', none: '这段时间还没有送达的订单', none_text: '订单送达后，计划会和实际逐段对比', kept: '守约率', between: '95% 区间 {from} – {to}', orders: '订单', aim: '目标 {aim}，应在 {from}–{to}', promised: '承诺时长（中位）', took: '实际 {time}', lies: '最不准的一段', lies_text: '占全部误差最多', stages: '哪一段在说谎', bias: '平均偏差', of_error: '占总误差', stores: '各门店守约率', band: '绿色带为 {from}–{to}：低于它是失约，高于它是承诺得太保守', calibration: '校准：承诺多久，守住多少', calibration_text: '点越大订单越多，竖线为 95% 区间，虚线为目标',
      stage: { queue: '排队', pick: '拣货', rider: '等骑手', ride: '配送', door: '上楼交付' },
    },
  },
}

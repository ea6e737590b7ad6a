// Every text that a person reads on a screen. A second language would be a second file of this shape.
import * as contract from './contract';

export const t = {
  ...contract,
  app: { name: '仁心', subtitle: '市场与客户管理', skip: '跳到内容', menu: '菜单', home: '工作台', signOut: '退出登录', keys: '快捷键', me: '当前账号' },
  nav: {
    customers: '客户', front: '前台', consulting: '咨询', market: '市场', money: '财务', service: '客服', system: '系统',
    leads: '咨询列表', arrivals: '到院登记', appointments: '预约', visits: '到院记录', myCustomers: '我的客户', statements: '结算单', settlements: '收费结算',
    periods: '账期', ledger: '总账', members: '会员', complaints: '投诉', tasks: '电话任务', messages: '短信与任务', birthdays: '今日生日', templates: '短信模板',
    households: '家庭', courses: '疗程', imports: '数据导入', operations: '后台任务', services: '服务状态', accounts: '账号', staff: '员工', policies: '业务政策', plans: '计奖方案',
  },
  signIn: {
    title: '登录', again: '登录已过期，请重新登录', againHint: '页面和已填写的内容都保留着，登录后自动继续。', username: '用户名', password: '密码', submit: '登录',
    showPassword: '显示密码', checking: '正在恢复登录…', other: '换一个账号', shared: '公用电脑请在离开时退出登录；关闭浏览器即退出。',
  },
  common: {
    save: '保存', cancel: '取消', close: '关闭', confirm: '确定', back: '返回', reset: '重置', search: '查询', more: '加载更多', retry: '重试', refresh: '刷新', copy: '复制',
    copied: '已复制', all: '全部', yes: '是', no: '否', none: '无', unknown: '未知', loading: '正在加载…', saved: '已保存', actions: '操作', required: '必填',
    choose: '请选择', from: '起', until: '止', today: '今天', yesterday: '昨天', thisMonth: '本月', rows: (n: number) => `已显示 ${n} 行`, end: '已全部显示', reason: '原因',
    updated: (at: string) => `更新于 ${at}`, saving: '正在提交…', noValue: '—', why: '为什么', open: '查看', print: '打印', download: '下载', filters: '筛选',
    newRows: (n: number) => `${n} 条更新，点此刷新`, self: '本人', details: '基本信息', time: '时间', by: '操作人', of: (a: string, b: string) => `${a} / ${b}`,
    unsaved: '有未保存的内容，确定离开吗？内容会作为草稿保留。', stay: '继续填写', leave: '离开', draft: '已恢复上次未提交的内容', discard: '丢弃草稿',
    shortcut: 'Ctrl+Enter 提交', newVersion: '系统已更新，点此刷新（已填写的内容会保留）', more200: '200+',
  },
  problem: {
    trace: '追踪编号', copyTrace: '复制追踪编号', tellSupport: '请复制追踪编号，联系信息科。', retryIn: (s: number) => `${s} 秒后自动重试`,
    unknownRule: (rule: string) => `不符合规则 ${rule}`, reused: '内容已改动。确定作为一次新的提交吗？', place: '不能显示这部分',
    byStatus: (status: number) => (status >= 500 ? '系统出错了' : status === 404 ? '没有找到' : status === 403 ? '没有权限' : '请求被拒绝'), fields: '以下内容需要修改：',
  },
  live: { closed: '实时更新已断开，正在重新连接…', open: '实时更新已连接' },
  conflict: {
    title: '记录已被他人修改', intro: '您打开之后，这条记录已有新的内容。请对比后选择。', field: '项目', mine: '我的', now: '现在', before: '原来', keepMine: '按我的提交', takeNow: '放弃我的，看最新',
    none: '您没有修改显示的项目，只是状态已变化。',
  },
  reveal: { button: '显示', title: '显示完整信息', intro: '将记录您的账号、时间和原因。', reason: '查看原因', chips: ['回电客户', '核对身份', '客户要求更正', '预约确认'], left: (s: number) => `${s} 秒后隐藏`,
    hide: '隐藏', tooShort: '请写明原因（至少 4 个字）' },
  keys: { title: '快捷键', list: [['/', '搜索或筛选'], ['N', '新建'], ['G 然后 H', '工作台'], ['G 然后 L', '咨询列表'], ['G 然后 A', '到院登记'], ['↑ ↓', '选择行'], ['Enter', '打开'], ['Ctrl+Enter', '提交表单'], ['Esc', '关闭'], ['?', '显示本表']] },
  empty: { title: '没有符合条件的记录', filtered: '换一个条件，或点“重置”查看全部。', none: '这里还没有记录。' },
  fields: {
    id: '编号', name: '姓名', phone: '电话', extension: '分机', birthday: '生日', birthdayCalendar: '历法', state: '状态', status: '状态', channel: '渠道', source: '来源', campaign: '活动', project: '项目', city: '城市',
    customer: '客户', consultant: '咨询师', consultedAt: '咨询时间', touches: '再次咨询', reason: '原因', department: '科室', bookedAt: '登记时间', slot: '预约时间', statusAt: '状态时间',
    arrivedAt: '到院时间', firstArrival: '首次到院', outpatient: '门诊', rep: '业务员', slipNo: '单据号', cardNo: '卡号', lead: '咨询', day: '日期', dayFrom: '开始日期', dayTo: '结束日期',
    settlementNo: '结算号', kind: '类型', settledAt: '结算时间', total: '金额', lines: '明细', lineNo: '行', category: '类别', amount: '金额', quantity: '数量', visit: '到院',
    period: '账期', lockedBy: '锁定人', lockedAt: '锁定时间', statements: '结算单', commission: '提成', performance: '业绩', payee: '人员', staffNo: '工号', plan: '方案', rule: '规则',
    account: '科目', balance: '余额', memberClass: '会员等级', memberSince: '入会时间', netSpend: '净消费', dispute: '纠纷', factorA: '因素 A', factorB: '因素 B', factorC: '因素 C', points: '积分',
    openedAt: '投诉时间', resolvedAt: '解决时间', outcome: '处理结果', satisfaction: '满意度', text: '内容', note: '说明', occasion: '场合', due: '计划时间', expires: '失效时间', accepted: '受理时间', template: '模板',
    parts: '条数', code: '代码', version: '版本', body: '正文', marketing: '营销', createdBy: '创建人', createdAt: '创建时间', username: '用户名', roles: '岗位', disabled: '已停用', staff: '员工', password: '密码',
    job: '职务', group: '小组', supervisor: '主管', joinedOn: '入职日期', leftOn: '离职日期', effectiveFrom: '生效日期', approver: '批准人', share: '比例', fromDay: '归属开始', untilDay: '归属结束', withdrawn: '已撤回',
    type: '类型', subject: '对象', percent: '进度', progress: '进度', endedAt: '结束时间', courseNo: '疗程号', closedAt: '结束时间', channelOf: '方式', consent: '营销同意', file: '文件',
  },
  bool: { yes: '是', no: '否' },
  home: {
    greeting: (name: string, roles: string) => `${name}，${roles}`, empty: '您的岗位目前没有可显示的事项。请从左侧菜单进入，或联系系统管理员。',
    newLeads: '待联系的咨询', contacted: '跟进中的咨询', appointed: '已预约的咨询', todayBooked: '今天待到院', todayArrived: '今天已到院预约', todayVisits: '今天到院', openComplaints: '待受理投诉',
    investigating: '调查中的投诉', tasks: '待打电话', failed: '发送失败', unknown: '结果不明的短信', held: '暂停待定的短信', birthdays: '今日生日', households: '待确认家庭', running: '进行中的导入',
    failedOperations: '失败的后台任务', recognitions: '我的客户归属', statement: '本月结算单（未锁定）', settlementsToday: '今天的结算', refundsToday: '今天的退费', openPeriods: '未锁定的账期', courses: '疗程中',
    quick: '常用', tiles: '待办', running_: '未锁定', newLead: '新建咨询', arrival: '到院登记', import: '导入文件', myStatement: '我的结算单', noShow: '今天未到', total: '提成合计',
  },
  leads: {
    title: '咨询列表', one: '咨询', new: '新建咨询', created: '咨询已登记', touch: '该客户已有进行中的咨询，已记为再次咨询', household: '该电话已有其他客户，已提出家庭待确认', move: '更改状态', history: '状态变化',
    toState: '改为', appoint: '预约', appointments: '预约', moveReason: '流失或无效时请写明原因', contact: '标为已联系', lose: '流失', invalidate: '无效', known: '电话号码只用于登记，列表中隐藏显示', mine: '只显示您本人的咨询',
    appointed: '已登记预约',
  },
  appointments: {
    title: '预约', one: '预约', board: '按时段', new: '新建预约', created: '预约已登记', move: '更改状态', arrived: '标为已到院', noShow: '标为未到', cancel: '取消预约', slotDay: '日期', slotTime: '时间', moved: '预约状态已更改',
    late: '已过时间', count: (n: number) => `${n} 人`,
  },
  arrivals: {
    title: '到院登记', intro: '先找今天的预约；没有预约的，按姓名和电话登记。', find: '姓、后四位或科室', booked: '今天的预约', walkIn: '没有预约', register: '登记到院', registered: '已登记到院', first: '首次到院', again: '再次到院',
    noMatch: '今天的预约中没有匹配。没有预约的客户请在右侧登记。', known: '选择预约后按 Enter 登记', claim: '业务员认领（可选）', done: '已到院', phone: '电话', name: '姓名',
    appointmentKept: '到院已登记，但预约状态没有改成功：',
  },
  visits: { title: '到院记录', one: '到院' },
  customer: {
    title: '客户', consents: '同意', record: '登记同意', textVersion: '告知文本版本', marks: '标记', member: '会员', leads: '咨询', appointments: '预约', visits: '到院', courses: '疗程', complaints: '投诉', settlements: '结算',
    messages: '短信与任务', recognitions: '归属', numbers: '外部编号', unconfirmed: '生日待确认', noConsent: '没有营销同意', hasConsent: '已同意营销', openComplaint: '登记投诉', newLead: '新建咨询', optOut: '登记退订', survey: '登记满意度', mark: '标记', markSet: '设为', replied: '短信回复内容（按电话退订时填写）', setMark: '设置标记（关闭为取消）',
    optedOut: '已退订', stops: '停止发送', birthdayOf: { solar: '公历', lunar: '农历', lunar_leap: '农历闰月', '': '' } as Record<string, string>,
  },
  mine: { title: '我的客户', intro: '归属于您的客户，以编号末位区分。', valid: '归属期', visits: '我的到院' },
  statement: {
    title: '结算单', list: '结算单列表', of: (period: string) => `${period} 结算单`, locked: '已锁定', open: '未锁定，随业务变化', history: '历史账期', total: '提成合计', lines: '计算明细', sources: '业绩来源', base: '计奖基数',
    carriedIn: '上期结转', carriedOut: '结转下期', own: '本期业绩', parts: '分段', trace: '计算过程', totals: '按规则合计', check: '合计核对', checked: '明细相加与合计一致', unchecked: '明细相加与合计不一致，请联系财务',
    hash: '校验码', openCourses: '未结束疗程中的金额，疗程结束后计入', credited: '计入业绩', share: '比例', line: '金额', settledOn: '结算日期', courseClosed: '疗程结束', notCovered: '本方案未覆盖', corrects: (p: string) => `更正 ${p}`,
    shouldBe: '应为', was: '原为', loadAll: '全部显示', sourceCount: (n: string) => `共 ${n} 行来源`, sumShown: '已显示部分合计', none: '该账期没有您的结算单。', unreadable: '有无法读取的行', printed: (who: string, at: string) => `打印：${who}，${at}`,
  },
  settlements: { title: '收费结算', one: '结算', refund: '退费', byMonth: '按月', byCustomer: '按客户净消费', ofCustomer: '该客户的结算', sales: '收费', refunds: '退费', net: '净额', count: '结算笔数', refundCount: '退费笔数' },
  periods: {
    title: '账期', lock: '锁定账期', locked: '已提交锁定', intro: '锁定后该账期的结算单不再变动，之后的更正计入后面的账期。', type: (period: string) => `请输入 ${period} 确认`, blocks: '以下事项阻止锁定：', first: '首个账期', clear: '检查通过后才会锁定。',
    effect: (n: string, total: string) => `将锁定 ${n} 份结算单，提成合计 ${total} 元。`, mismatch: '输入与账期不一致', progress: '锁定进度', done: '锁定完成', failed: '锁定未完成', setFirst: '设定首个账期', statements: '查看结算单',
    checklist: '锁定前核对', blockedBy: (service: string) => `${service}：有进行中的导入、待关联的行、未处理的死信，或与提成的数据尚不一致`, blockedPeriod: '账期尚未结束，或更早的账期还没有锁定',
    blockedDay: (of: string) => `${of} 的结算或疗程与提成的数据尚不一致`, blockedOther: (what: string) => `${what}：数据尚不一致`, notIdle: '处理中', ready: '就绪',
  },
  ledger: { title: '总账', expense: '提成费用', payable: '应付提成', zero: '借贷平衡', notZero: '借贷不平，请联系信息科' },
  members: { title: '会员', one: '会员', why: '为什么是这个等级', history: '等级变化', factors: '评定因素', met: '满足', notMet: '未满足', points: '积分', lots: '积分批次', ledger: '积分流水', redeem: '兑换积分', redeemed: '积分已兑换',
    debt: '欠分', earned: '获得', left: '剩余', fact: '由什么引起', since: '入会', reasonOf: '说明', balance: '可用积分' },
  complaints: { title: '投诉', one: '投诉', new: '登记投诉', opened: '投诉已登记', investigate: '开始调查', resolve: '处理完毕', history: '处理过程', notes: '投诉内容', effect: '处理为“已修复”时须填写满意度；投诉未结束期间该会员为 C 级，停发祝福和营销短信。',
    moved: '投诉已更新' },
  tasks: { title: '电话任务', complete: '填写结果', result: '结果', done: '任务已完成', chips: ['已接通，已祝福', '未接通', '号码有误'] },
  messages: { title: '短信与任务', one: '消息', history: '发送过程', release: '处理结果不明', released: '已处理' },
  birthdays: { title: '今日生日', whyNot: '不祝福的原因', channel: '方式', none: '不祝福' },
  templates: { title: '短信模板', one: '模板', new: '新建模板', created: '模板已保存', preview: '预览', variables: '变量', length: (units: number, parts: number) => `${units} 字，${parts} 条`, advertises: '含营销内容', provider: '服务商模板号', approval: '广告审查号',
    approvalExpires: '审查有效期', hint: '变量写作 {name}' },
  households: { title: '家庭', confirm: '确认为家庭', confirmed: '已确认' , members: '成员', reason: '依据' },
  courses: { title: '疗程', close: '结束疗程', reopen: '重新打开', closed: '疗程已结束', reopened: '疗程已重新打开' },
  imports: {
    title: '数据导入', intro: '选择 CSV 文件，先试运行查看结果，再正式导入。同一文件导入两次不会重复。', drop: '把文件拖到这里，或点击选择', kind: '文件类型', source: '来源系统', sourceHint: '同一来源始终填写相同的代码，如 till', dryRun: '试运行（不写入）', run: '正式导入',
    start: '开始', preview: '前 20 行', rows: (n: number) => `约 ${n} 行`, encoding: '编码', report: '结果', read: '读取', created: '新增', updated: '更新', unchanged: '相同', waiting: '等待关联', refused: '拒绝', blank: '空行', households: '提出家庭', placeholder: '疑似占位生日',
    refusedFile: '下载被拒绝的行', newCodes: '首次出现的代码', cancel: '取消导入', cancelled: '已请求取消', list: '最近的导入', detected: '按文件名识别', dry: '试运行', real: '正式', progress: '进度', again: '试运行没有写入任何数据。确认无误后点“正式导入”。',
    sending: '正在上传…', file: '文件', needKind: '请选择文件类型',
  },
  operations: { title: '后台任务', cancel: '取消任务', failure: '失败原因' },
  services: { title: '服务状态', service: '服务', idle: '空闲', busy: '处理中', outbox: '待发布事件', dead: '死信', timers: '到期定时', consumers: '消费者', pending: '待处理', deadLetters: '死信列表', replay: '重放', discard: '丢弃', replayed: '已重放', discarded: '已丢弃',
    attempts: '次数', names: { identity: '身份', leads: '客户与咨询', referrals: '归属', commissions: '提成', membership: '会员', notifications: '通知' } as Record<string, string> },
  accounts: { title: '账号', new: '新建账号', created: '账号已创建', disable: '停用', disabled: '账号已停用', active: '使用中', changePassword: '修改密码', oldPassword: '原密码', newPassword: '新密码', changed: '密码已修改', passwordHint: '至少 10 位', staffHint: '员工编号（在员工页面的地址中）；没有员工身份的账号可不填' },
  staff: { title: '员工', one: '员工', new: '新增员工', created: '员工已登记', move: '登记变动', moved: '变动已登记', periods: '任职经过', since: '自' },
  policies: { title: '业务政策', of: { leads: '客户与咨询', membership: '会员', notifications: '通知' } as Record<string, string>, current: '现行', versions: '历次版本', minutes: '从零点起的分钟数，如 540 为 09:00', change: '修改', changed: '新版本已登记',
    changeHint: '改动从生效日期起使用，历史版本保留。', empty: '未设置' },
  plans: { title: '计奖方案', name: '名称', approve: '批准', approved: '已批准', pending: '待批准', author: '提出人', approvers: '批准人', brackets: '档位', from: '从', rate: '比例', mode: '方式' },
  whyMember: {
    factors: (met: string, of: string) => `${of} 个因素中满足 ${met} 个`, dispute: '有未结束的纠纷', repaired: (with_: string) => `纠纷已修复，满意度：${with_}；此后没有新的结算`, was: '曾因纠纷退费或赔偿',
    netSpend: (net: string, of: string) => `净消费 ${net} 元，标准 ${of} 元`, skinPackage: (n: string) => `购买过皮肤套餐，且有 ${n} 次消费结算`, noninvasive: (n: string) => `购买过无创项目，且有 ${n} 次消费结算`, noninvasiveAlone: '购买过无创项目',
    course: (n: string) => `皮肤疗程 ${n} 次`, days: (n: string) => `在 ${n} 天有消费结算`, daysAndCourse: (n: string, s: string) => `在 ${n} 天有消费结算，最长皮肤疗程 ${s} 次`, satisfaction: (what: string) => `最近满意度：${what}`, noSurvey: '没有满意度调查',
    noPurchase: '没有已结算的消费', noConsent: '没有营销同意', classJ: 'J 级（封存）', marked: '已标记为不打扰', optedOut: '已退订', byRule: (rule: string) => `见规则 ${rule}`, other: '原因见服务记录',
  },
  trace: {
    base: (base: string) => `计奖基数 ${base}`, ownAndCarried: (own: string, carried: string) => `（本期 ${own}，上期结转 ${carried}）`, nothing: '不计奖', below: '基数为负，不计奖，结转下期（规则 C1）', part: (amount: string, rate: string) => `${amount} × ${rate}`,
    result: (amount: string) => `= ${amount}，合计后四舍五入一次（规则 G2）`, correction: (period: string, was: string, should: string) => `${period} 锁定时为 ${was}，应为 ${should}，差额计入本期（规则 C13）`, because: (what: string) => `涉及：${what}`,
  },
  pointReasons: { service: '服务项目', goods: '实物', mistaken: '误操作', not_delivered: '未交付', returned: '退回' } as Record<string, string>,
  policyFields: {
    channels: '咨询渠道', categories: '结算类别', payers: '付款方', default_region: '电话默认地区', stale_lead_days: '咨询失效天数', service_numbers_refused: '拒绝 400/800/95 号码', noninvasive_categories: '无创类别', skin_package_categories: '皮肤套餐类别',
    skin_course_categories: '皮肤疗程类别', settlements: '消费结算次数', noninvasive_stands_alone: '无创项目单独满足', course_sessions: '疗程次数', sale_days: '消费天数', net_spend_fen: '净消费标准（元）', lowest_satisfaction: '最低满意度', fen_per_point: '每积分消费（分）',
    points_months: '积分有效月数', redemption_reasons: '兑换原因', reversal_reasons: '撤销原因', signature: '短信签名', opt_out_words: '退订提示', forbidden_words: '禁用词', birthday_minute: '生日祝福时间', greeting_expires_minute: '祝福失效时间', marketing_from_minute: '营销开始时间',
    marketing_until_minute: '营销结束时间', marketing_per_day: '每人每天营销条数', marketing_per_month: '每人每月营销条数', person_per_day: '每人每天条数', suite_per_hour: '全院每小时条数', greetings: '各级祝福方式', unknown_becomes: '结果不明时', member_class: '等级', channel: '方式', template_code: '模板',
  } as Record<string, string>,
  notFound: { title: '没有这个页面', back: '回到工作台' },
  watermark: (name: string, at: string) => `${name} ${at}`,
} as const;

/** The label of an enumerator; one that this page does not know yet is "something else" (docs/api.md). */
export function enumText(name: contract.EnumName, value: string | undefined): string {
  const labels: Record<string, string> = contract.enums[name];
  return value === undefined ? '' : (labels[value] ?? t.common.unknown);
}

/** A code of a policy or an import file. */
export function codeText(code: string | undefined): string {
  return code ? (contract.codes[code] ?? code) : t.common.noValue;
}

/** What can be chosen of an enumeration: all but "unspecified". */
export function enumOptions(name: contract.EnumName): { value: string; label: string }[] {
  return Object.entries(contract.enums[name])
    .filter(([value]) => !value.endsWith('_UNSPECIFIED'))
    .map(([value, label]) => ({ value, label }));
}

export function valueOptions(values: Record<string, string>): { value: string; label: string }[] {
  return Object.entries(values).map(([value, label]) => ({ value, label }));
}

// The words for what the contract names: every enumerator, reason and role has one, or this file does not compile.
import type { ACCESS, REASONS } from '@/api/generated/contract';
import type { Schemas } from '@/api/types';

type Labels<K extends keyof Schemas> = Record<Schemas[K] & string, string>;
export type Role = Exclude<(typeof ACCESS)[keyof typeof ACCESS][number], '*'>;

export const roles: Record<Role, string> = {
  rep: '业务员', supervisor: '主管', market_director: '市场总监', leader: '院领导', consultant: '咨询', front_desk: '前台', back_office: '内勤',
  operations: '运营', customer_service: '客服', customer_service_director: '客服主任', finance: '财务', personnel: '人事', administrator: '系统管理员',
  auditor: '审计', clinician: '医生', compliance: '合规',
};

export const enums = {
  'renxin.leads.v1.LeadState': {
    LEAD_STATE_UNSPECIFIED: '全部', LEAD_STATE_NEW: '新咨询', LEAD_STATE_CONTACTED: '已联系', LEAD_STATE_APPOINTED: '已预约', LEAD_STATE_ARRIVED: '已到院',
    LEAD_STATE_WON: '已成交', LEAD_STATE_LOST: '已流失', LEAD_STATE_INVALID: '无效',
  } satisfies Labels<'renxin.leads.v1.LeadState'>,
  'renxin.leads.v1.AppointmentStatus': {
    APPOINTMENT_STATUS_UNSPECIFIED: '全部', APPOINTMENT_STATUS_BOOKED: '已预约', APPOINTMENT_STATUS_ARRIVED: '已到院', APPOINTMENT_STATUS_NO_SHOW: '未到',
    APPOINTMENT_STATUS_CANCELLED: '已取消',
  } satisfies Labels<'renxin.leads.v1.AppointmentStatus'>,
  'renxin.leads.v1.SettlementKind': {
    SETTLEMENT_KIND_UNSPECIFIED: '全部', SETTLEMENT_KIND_SALE: '收费', SETTLEMENT_KIND_REFUND: '退费',
  } satisfies Labels<'renxin.leads.v1.SettlementKind'>,
  'renxin.leads.v1.CourseState': {
    COURSE_STATE_UNSPECIFIED: '全部', COURSE_STATE_UNDER_WAY: '疗程中', COURSE_STATE_CLOSED: '已结束',
  } satisfies Labels<'renxin.leads.v1.CourseState'>,
  'renxin.leads.v1.HouseholdState': {
    HOUSEHOLD_STATE_UNSPECIFIED: '全部', HOUSEHOLD_STATE_PROPOSED: '待确认', HOUSEHOLD_STATE_CONFIRMED: '已确认',
  } satisfies Labels<'renxin.leads.v1.HouseholdState'>,
  'renxin.commissions.v1.PeriodState': {
    PERIOD_STATE_UNSPECIFIED: '全部', PERIOD_STATE_OPEN: '未锁定', PERIOD_STATE_LOCKED: '已锁定', PERIOD_STATE_HISTORY: '历史',
  } satisfies Labels<'renxin.commissions.v1.PeriodState'>,
  'renxin.commissions.v1.TableMode': {
    TABLE_MODE_UNSPECIFIED: '', TABLE_MODE_MARGINAL: '分段累进', TABLE_MODE_SLAB: '全额套档',
  } satisfies Labels<'renxin.commissions.v1.TableMode'>,
  'renxin.membership.v1.MemberClass': {
    MEMBER_CLASS_UNSPECIFIED: '全部', MEMBER_CLASS_AAA: 'AAA', MEMBER_CLASS_AA: 'AA', MEMBER_CLASS_A: 'A', MEMBER_CLASS_B: 'B', MEMBER_CLASS_C: 'C（纠纷）',
    MEMBER_CLASS_J: 'J（封存）',
  } satisfies Labels<'renxin.membership.v1.MemberClass'>,
  'renxin.membership.v1.ComplaintState': {
    COMPLAINT_STATE_UNSPECIFIED: '全部', COMPLAINT_STATE_OPEN: '待受理', COMPLAINT_STATE_INVESTIGATING: '调查中', COMPLAINT_STATE_RESOLVED: '已解决',
  } satisfies Labels<'renxin.membership.v1.ComplaintState'>,
  'renxin.membership.v1.ComplaintOutcome': {
    COMPLAINT_OUTCOME_UNSPECIFIED: '未定', COMPLAINT_OUTCOME_REPAIRED: '已修复', COMPLAINT_OUTCOME_REFUNDED: '已退费', COMPLAINT_OUTCOME_COMPENSATED: '已赔偿',
    COMPLAINT_OUTCOME_UNFOUNDED: '不成立',
  } satisfies Labels<'renxin.membership.v1.ComplaintOutcome'>,
  'renxin.membership.v1.Satisfaction': {
    SATISFACTION_UNSPECIFIED: '未填', SATISFACTION_VERY_DISSATISFIED: '很不满意', SATISFACTION_DISSATISFIED: '不满意', SATISFACTION_FAIR: '一般',
    SATISFACTION_SATISFIED: '满意', SATISFACTION_VERY_SATISFIED: '很满意',
  } satisfies Labels<'renxin.membership.v1.Satisfaction'>,
  'renxin.membership.v1.FactKind': {
    FACT_KIND_UNSPECIFIED: '', FACT_KIND_SETTLEMENT: '结算', FACT_KIND_SURVEY: '满意度', FACT_KIND_COMPLAINT: '投诉', FACT_KIND_POLICY: '政策调整',
  } satisfies Labels<'renxin.membership.v1.FactKind'>,
  'renxin.membership.v1.PointEntryKind': {
    POINT_ENTRY_KIND_UNSPECIFIED: '', POINT_ENTRY_KIND_EARNED: '消费得分', POINT_ENTRY_KIND_TAKEN_BACK: '退费扣回', POINT_ENTRY_KIND_RESTORED: '恢复',
    POINT_ENTRY_KIND_REDEEMED: '兑换', POINT_ENTRY_KIND_REVERSED: '兑换撤销', POINT_ENTRY_KIND_EXPIRED: '过期', POINT_ENTRY_KIND_OWED: '欠分',
    POINT_ENTRY_KIND_DEBT_PAID: '抵欠',
  } satisfies Labels<'renxin.membership.v1.PointEntryKind'>,
  'renxin.notifications.v1.MessageState': {
    MESSAGE_STATE_UNSPECIFIED: '全部', MESSAGE_STATE_SCHEDULED: '待发送', MESSAGE_STATE_CLAIMED: '发送中', MESSAGE_STATE_ACCEPTED: '已受理',
    MESSAGE_STATE_DELIVERED: '已送达', MESSAGE_STATE_FAILED: '失败', MESSAGE_STATE_EXPIRED: '已过期', MESSAGE_STATE_UNKNOWN: '结果不明',
    MESSAGE_STATE_HELD: '暂停待定', MESSAGE_STATE_DROPPED: '已放弃',
  } satisfies Labels<'renxin.notifications.v1.MessageState'>,
  'renxin.operations.v1.OperationState': {
    OPERATION_STATE_UNSPECIFIED: '全部', OPERATION_STATE_RECEIVING: '接收中', OPERATION_STATE_RUNNING: '进行中', OPERATION_STATE_DONE: '已完成',
    OPERATION_STATE_FAILED: '失败', OPERATION_STATE_CANCELLED: '已取消',
  } satisfies Labels<'renxin.operations.v1.OperationState'>,
  'renxin.referrals.v1.RecognitionKind': {
    RECOGNITION_KIND_UNSPECIFIED: '全部', RECOGNITION_KIND_IMPORTED: '导入归属', RECOGNITION_KIND_DESK: '前台登记',
  } satisfies Labels<'renxin.referrals.v1.RecognitionKind'>,
} as const;
export type EnumName = keyof typeof enums;

/** By the reason of the answer: what happened, and what to do next. */
export const reasons: Record<(typeof REASONS)[number] | 'unreachable', { title: string; advice: string }> = {
  'invalid-field': { title: '有内容填写不正确', advice: '请按标红的提示修改后再提交。' },
  'malformed-request': { title: '请求格式不正确', advice: '请刷新页面后重试。' },
  'malformed-json': { title: '提交的数据无法读取', advice: '请刷新页面后重试。' },
  'unknown-route': { title: '没有这个页面或接口', advice: '系统可能刚升级，请刷新页面。' },
  'no-token': { title: '需要登录', advice: '请重新登录。' },
  'bad-token': { title: '登录已失效', advice: '请重新登录。' },
  'token-expired': { title: '登录已过期', advice: '请重新登录，已填写的内容会保留。' },
  'role-missing': { title: '您的岗位没有此权限', advice: '如工作需要，请联系系统管理员开通。' },
  'not-found': { title: '没有找到，或不在您可查看的范围内', advice: '请核对后再试；如认为应当可见，请联系主管。' },
  'body-too-large': { title: '提交的内容过大', advice: '请分批提交，或使用文件导入。' },
  'idempotency-key-reused': { title: '这次提交与之前的不一致', advice: '内容已改动，请再次提交。' },
  busy: { title: '他人正在修改同一记录', advice: '请稍候，系统会自动重试。' },
  'service-unavailable': { title: '服务暂时不可用', advice: '请稍候，系统会自动重试。' },
  overloaded: { title: '系统繁忙', advice: '请稍候，系统会自动重试。' },
  'deadline-exceeded': { title: '等待超时', advice: '操作可能已完成；再次提交不会重复登记。' },
  internal: { title: '系统出错了', advice: '请复制追踪编号，联系信息科。' },
  'wrong-credentials': { title: '用户名或密码不正确', advice: '请检查后重新输入；多次错误会暂时锁定。' },
  'already-exists': { title: '已经存在', advice: '相同编号的记录已登记，请核对。' },
  'wrong-state': { title: '当前状态不允许此操作', advice: '记录可能已被处理，请刷新后查看最新状态。' },
  'period-locked': { title: '该账期已锁定', advice: '已锁定账期不再变动，更正计入之后的账期。' },
  'period-not-ready': { title: '该账期尚不能锁定', advice: '请先处理下列未完成事项。' },
  'same-person': { title: '须由另一人办理', advice: '经办与审批不能为同一人，请交由他人处理。' },
  'rule-broken': { title: '不符合业务规则', advice: '请按提示的规则修改。' },
  'wrong-media-type': { title: '文件或数据类型不支持', advice: '请刷新页面后重试。' },
  'too-many-attempts': { title: '尝试次数过多', advice: '请稍后再试。' },
  'token-reused': { title: '登录已在别处被使用', advice: '为安全起见已全部退出，请重新登录。' },
  'version-mismatch': { title: '记录已被他人修改', advice: '请对比后决定保留哪一方。' },
  'answer-too-large': { title: '内容过多，无法一次显示', advice: '请缩小范围，或联系信息科。' },
  'too-many-uploads': { title: '未完成的上传过多', advice: '请先完成或取消已开始的上传；满一天未完成的会自动取消。' },
  unreachable: { title: '网络不通', advice: '请检查网络；已填写的内容会保留，再次提交不会重复登记。' },
};

/** By `rule` of an error: first the contract's own, then those of the business with their numbers. */
export const rules: Record<string, string> = {
  required: '必填', min_len: '太短', max_len: '太长', min_items: '项数太少', max_items: '项数太多', format: '格式不正确', in: '不在可选范围内', gte: '数值太小',
  lte: '数值太大', type: '类型不正确', enum: '不是可选的值', unknown: '未知的内容', once: '只能填写一次', path: '与地址不一致', equal: '与原值不一致',
  unsupported: '此处不支持', range: '超出范围', amount: '不是有效金额', query: '查询条件不正确', policy: '与业务政策不符', websocket: '实时连接失败', charset: '含有不允许的字符', unique: '重复', page_token: '翻页已失效', page_size: '每页行数不正确',
  C2: '规则 C2：计奖方案须完整，且由两人提出和批准', C3: '规则 C3：追溯期与账期', C7: '规则 C7：业绩计奖', C8: '规则 C8：按项目类别计奖', C12: '规则 C12：调整与更正',
  C13: '规则 C13：账期锁定条件未满足', C19: '规则 C19：人员变动日期', G3: '规则 G3：时间以医院时区为准', G4: '规则 G4：电话号码须真实完整', G6: '规则 G6：编号',
  G7: '规则 G7：日期不能在将来或超出范围', G8: '规则 G8：姓名与编号的写法', L1: '规则 L1：咨询登记', L2: '规则 L2：咨询状态流转', L3: '规则 L3：同一客户的咨询与家庭',
  L5: '规则 L5：预约', L6: '规则 L6：到院登记', L7: '规则 L7：结算与退费', L8: '规则 L8：疗程', L11: '规则 L11：生日确认', M1: '规则 M1：会员', M2: '规则 M2：会员评级',
  M3: '规则 M3：会员等级与纠纷', M4: '规则 M4：会员关怀', M7: '规则 M7：积分', M10: '规则 M10：满意度', M11: '规则 M11：投诉流程', N1: '规则 N1：短信模板',
  N2: '规则 N2：发送时段', N3: '规则 N3：营销同意与频次', P1: '规则 P1：账号与权限', P2: '规则 P2：客户同意', R4: '规则 R4：认定', R5: '规则 R5：归属期间', R6: '规则 R6：业务员',
  same_person: '须由另一人办理',
};

/** Values that the contract lists for a text field. */
export const values = {
  purpose: { service: '服务通知', marketing: '营销推广', health_data: '健康信息', pass_to_partner: '提供给合作方', pass_from_partner: '来自合作方' },
  decision: { given: '同意', withdrawn: '撤回' },
  mark: { deceased: '已故', compassion: '慰问期' },
  greetingChannel: { task: '电话任务', sms: '短信' },
  templateKind: { birthday: '生日祝福', campaign: '营销活动', recall: '复诊提醒', appointment: '预约提醒', code: '验证码', receipt: '回执' },
  unknownBecomes: { held: '暂停待定', resend: '重新发送' },
  release: { scheduled: '重新发送', dropped: '放弃发送' },
} as const satisfies Record<string, Record<string, string>>;

/** Codes of the demonstration and of common import files; one that is not here is shown as it stands (labels in policies: issue 18). */
export const codes: Record<string, string> = {
  online: '网络', phone: '电话', walk_in: '自然到院', referral: '转介绍', member_get_member: '老带新', campaign: '活动', douyin: '抖音', xiaohongshu: '小红书', baidu: '百度',
  meituan: '美团', wechat: '微信', hotline_400: '400 热线', partner: '合作方', friend: '朋友', community_day: '社区活动',
  dental: '口腔', aesthetics: '医美', aesthetic_noninvasive: '无创美容', skin: '皮肤', skin_package: '皮肤套餐', skin_course: '皮肤疗程', gynaecology: '妇科', checkup: '体检',
  health_certificate: '健康证', work_injury: '工伤', surgery: '外科', lithotripsy: '碎石', urology: '泌尿', postpartum_recovery: '产后康复', obstetrics: '产科',
  internal_medicine: '内科', internal: '内科', market: '市场部', consulting: '咨询部', desk: '前台', service: '客服部', finance: '财务部', management: '院办',
  enterprise: '企业', aesthetic_surgery: '整形手术', obstetrics_natural: '顺产', obstetrics_caesarean: '剖宫产', confinement_package: '月子套餐', stone_surgery: '结石手术', commercial_insurance: '商业保险', other: '其他', default: '系统默认', shipped: '系统自带', SMS: '短信',
  self: '自费', work_injury_fund: '工伤保险', employer: '单位', social_insurance: '医保', sms: '短信', task: '电话任务', birthday: '生日祝福',
};

/** Kinds of import files (docs/import-files.md). */
export const importKinds = {
  staff: '员工', moves: '人员变动', customers: '客户', leads: '咨询', appointments: '预约', visits: '到院', settlements: '结算', attributions: '归属',
} as const;

import type { Message } from '@/api/types';
import { codeText, t } from '@/texts/zh-CN';
import type { Column } from '@/ui/columns';
import type { Field } from '@/ui/fields';

export type Staff = Message<'renxin.identity.v1.Staff'>;
const roleNames: Record<string, string> = t.roles;
export const jobText = (job: string) => roleNames[job] ?? codeText(job);
const latest = (row: Staff) => row.periods[row.periods.length - 1];

export const staffColumns: Column<Staff>[] = [
  { key: 'no', label: t.fields.staffNo, value: (row) => row.staff_no, phone: 'title' },
  { key: 'name', label: t.fields.name, value: (row) => row.name, phone: 'title' },
  { key: 'job', label: t.fields.job, value: (row) => jobText(row.job) },
  { key: 'department', label: t.fields.department, value: (row) => codeText(latest(row)?.department) },
  { key: 'group', label: t.fields.group, value: (row) => latest(row)?.group_no ?? '' },
  { key: 'plan', label: t.fields.plan, value: (row) => latest(row)?.plan ?? '', phone: 'hide' },
  { key: 'joined', label: t.fields.joinedOn, value: (row) => row.joined_on },
  { key: 'left', label: t.fields.leftOn, value: (row) => row.left_on, phone: 'hide' },
];
const placing: Field[] = [
  { name: 'department', label: t.fields.department, max: 60 },
  { name: 'group_no', label: t.fields.group, max: 60 },
  { name: 'supervisor_no', label: t.fields.supervisor, max: 60, hint: t.fields.staffNo },
  { name: 'plan', label: t.fields.plan, max: 60 },
];
export const newStaffFields: Field[] = [
  { name: 'staff_no', label: t.fields.staffNo, required: true, max: 60 },
  { name: 'name', label: t.fields.name, required: true, max: 60 },
  { name: 'job', label: t.fields.job, kind: 'select', required: true, open: true, options: Object.entries(t.roles).map(([value, label]) => ({ value, label })) },
  { name: 'joined_on', label: t.fields.joinedOn, kind: 'day', required: true },
  ...placing,
];
export const moveFields: Field[] = [{ name: 'from', label: t.staff.since, kind: 'day', required: true }, ...placing];

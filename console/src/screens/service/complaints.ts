import type { Message } from '@/api/types';
import { moment } from '@/lib/time';
import { enumText, t } from '@/texts/zh-CN';
import type { Column } from '@/ui/columns';
import type { Field } from '@/ui/fields';

export type Complaint = Message<'renxin.membership.v1.Complaint'>;
export const complaintColumns: Column<Complaint>[] = [
  { key: 'customer', label: t.fields.customer, value: (row) => row.customer_id, kind: 'customer', phone: 'title' },
  { key: 'state', label: t.fields.state, value: (row) => row.state, kind: 'tag', of: 'renxin.membership.v1.ComplaintState', phone: 'title' },
  { key: 'opened', label: t.fields.openedAt, value: (row) => moment(row.opened_at) },
  { key: 'resolved', label: t.fields.resolvedAt, value: (row) => moment(row.resolved_at) },
  { key: 'outcome', label: t.fields.outcome, value: (row) => enumText('renxin.membership.v1.ComplaintOutcome', row.outcome) },
];
export const newComplaintFields: Field[] = [{ name: 'text', label: t.fields.text, kind: 'textarea', required: true, max: 2000, hint: t.complaints.effect }];

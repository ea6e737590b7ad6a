// What a consultation shows and what can be done with it.
import type { Message } from '@/api/types';
import { moment } from '@/lib/time';
import { codeText, t } from '@/texts/zh-CN';
import type { Column } from '@/ui/columns';
import type { Field } from '@/ui/fields';

export type Lead = Message<'renxin.leads.v1.Lead'>;

export const leadColumns: Column<Lead>[] = [
  { key: 'customer', label: t.fields.customer, value: (row) => row.customer_id, kind: 'customer', phone: 'title' },
  { key: 'state', label: t.fields.state, value: (row) => row.state, kind: 'tag', of: 'renxin.leads.v1.LeadState', phone: 'title' },
  { key: 'project', label: t.fields.project, value: (row) => codeText(row.project) },
  { key: 'channel', label: t.fields.channel, value: (row) => codeText(row.channel) + (row.source ? ` · ${codeText(row.source)}` : '') },
  { key: 'city', label: t.fields.city, value: (row) => row.city, phone: 'hide' },
  { key: 'touches', label: t.fields.touches, value: (row) => (row.touches === '0' ? '' : row.touches), phone: 'hide' },
  { key: 'consultant', label: t.fields.consultant, value: (row) => row.consultant_id, kind: 'staff', phone: 'hide' },
  { key: 'consulted', label: t.fields.consultedAt, value: (row) => moment(row.consulted_at) },
];

/** From which state what can be said next (L2); the service decides, this only spares a vain try. */
export const NEXT: Record<string, string[]> = {
  LEAD_STATE_NEW: ['LEAD_STATE_CONTACTED', 'LEAD_STATE_LOST', 'LEAD_STATE_INVALID'],
  LEAD_STATE_CONTACTED: ['LEAD_STATE_LOST', 'LEAD_STATE_INVALID'],
  LEAD_STATE_APPOINTED: ['LEAD_STATE_LOST', 'LEAD_STATE_INVALID'],
  LEAD_STATE_ARRIVED: ['LEAD_STATE_LOST', 'LEAD_STATE_INVALID'],
  LEAD_STATE_LOST: ['LEAD_STATE_NEW'],
};

export function newLeadFields(channels: readonly string[]): Field[] {
  return [
    { name: 'phone', label: t.fields.phone, required: true, inputmode: 'tel', max: 40 },
    { name: 'name', label: t.fields.name, required: true, max: 60 },
    { name: 'channel', label: t.fields.channel, kind: 'select', required: true, options: channels.map((value) => ({ value, label: codeText(value) })) },
    { name: 'project', label: t.fields.project, max: 60 },
    { name: 'source', label: t.fields.source, max: 60 },
    { name: 'city', label: t.fields.city, max: 60 },
    { name: 'birthday', label: t.fields.birthday, kind: 'day' },
  ];
}

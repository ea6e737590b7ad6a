import type { Message } from '@/api/types';
import { moment } from '@/lib/time';
import { codeText, t } from '@/texts/zh-CN';
import type { Column } from '@/ui/columns';

export type Sent = Message<'renxin.notifications.v1.Message'>;
export const messageColumns: Column<Sent>[] = [
  { key: 'customer', label: t.fields.customer, value: (row) => row.customer_id, kind: 'customer', phone: 'title' },
  { key: 'state', label: t.fields.state, value: (row) => row.state, kind: 'tag', of: 'renxin.notifications.v1.MessageState', phone: 'title' },
  { key: 'kind', label: t.fields.kind, value: (row) => (t.values.templateKind as Record<string, string>)[row.kind] ?? codeText(row.kind) },
  { key: 'channel', label: t.fields.channelOf, value: (row) => codeText(row.channel) },
  { key: 'due', label: t.fields.due, value: (row) => moment(row.due_at) },
  { key: 'accepted', label: t.fields.accepted, value: (row) => moment(row.accepted_at), phone: 'hide' },
  { key: 'parts', label: t.fields.parts, value: (row) => (row.parts ? String(row.parts) : ''), phone: 'hide' },
];

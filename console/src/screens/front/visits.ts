import type { Message } from '@/api/types';
import { moment } from '@/lib/time';
import { codeText, t } from '@/texts/zh-CN';
import type { Column } from '@/ui/columns';

export const visitColumns: Column<Message<'renxin.leads.v1.Visit'>>[] = [
  { key: 'customer', label: t.fields.customer, value: (row) => row.customer_id, kind: 'customer', phone: 'title' },
  { key: 'arrived', label: t.fields.arrivedAt, value: (row) => moment(row.arrived_at) },
  { key: 'department', label: t.fields.department, value: (row) => codeText(row.department) },
  { key: 'first', label: t.fields.firstArrival, value: (row) => (row.first_arrival ? t.bool.yes : t.bool.no) },
  { key: 'rep', label: t.fields.rep, value: (row) => row.rep_id, kind: 'staff' },
  { key: 'slip', label: t.fields.slipNo, value: (row) => row.slip_no, phone: 'hide' },
  { key: 'card', label: t.fields.cardNo, value: (row) => row.card_no, phone: 'hide' },
];

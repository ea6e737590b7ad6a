import type { Message } from '@/api/types';
import { moment } from '@/lib/time';
import { codeText, t } from '@/texts/zh-CN';
import type { Column } from '@/ui/columns';

export const settlementColumns: Column<Message<'renxin.leads.v1.Settlement'>>[] = [
  { key: 'no', label: t.fields.settlementNo, value: (row) => row.settlement_no, phone: 'title' },
  { key: 'kind', label: t.fields.kind, value: (row) => row.kind, kind: 'tag', of: 'renxin.leads.v1.SettlementKind', phone: 'title' },
  { key: 'customer', label: t.fields.customer, value: (row) => row.customer_id, kind: 'customer' },
  { key: 'settled', label: t.fields.settledAt, value: (row) => moment(row.settled_at) },
  { key: 'lines', label: t.fields.lines, value: (row) => [...new Set(row.lines.map((line) => codeText(line.category)))].join('，'), phone: 'hide', wide: true },
  { key: 'total', label: t.fields.total, value: (row) => row.total_fen, kind: 'money' },
];

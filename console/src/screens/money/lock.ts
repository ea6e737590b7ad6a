// What stands in the way of a lock, in words: the service's own are English and for programs.
import type { FieldError } from '@/api/problem';
import { t } from '@/texts/zh-CN';

export interface Blocker {
  text: string;
  to: string;
}

export function blockerOf(error: FieldError): Blocker {
  const service = t.services.names[error.field];
  if (service) return { text: t.periods.blockedBy(service), to: '/services' };
  if (error.field === 'period') return { text: t.periods.blockedPeriod, to: '/periods' };
  if (/^\d{4}-\d{2}-\d{2}$/.test(error.field)) return { text: t.periods.blockedDay(error.field), to: '/settlements' };
  return { text: t.periods.blockedOther(error.field), to: '/services' };
}

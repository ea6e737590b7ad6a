// Whether what is shown adds up, counted again on the page: by line, by rule, and of the sources.
import { fen, percent, sum, yuan } from '@/lib/money';
import type { Message } from '@/api/types';
import { t } from '@/texts/zh-CN';

export type Statement = Message<'renxin.commissions.v1.Statement'>;
export type Line = Message<'renxin.commissions.v1.StatementLine'>;

/** The lines' amounts make the commission, and so do the totals by rule. */
export function addsUp(statement: Pick<Statement, 'lines' | 'totals' | 'commission_fen'>): boolean {
  const total = fen(statement.commission_fen);
  return sum(statement.lines.map((line) => line.amount_fen)) === total && sum(statement.totals.map((rule) => rule.amount_fen)) === total;
}

/** What is carried in and one's own make the base, or what is carried out. */
export function lineHolds(line: Pick<Line, 'carried_in_fen' | 'own_fen' | 'base_fen' | 'carried_out_fen'>): boolean {
  return fen(line.carried_in_fen) + fen(line.own_fen) === fen(line.base_fen) + fen(line.carried_out_fen);
}

/** How a line was computed, in words, from its parts; the service's own sentence is English. */
export function traceOf(line: Pick<Line, 'base_fen' | 'own_fen' | 'carried_in_fen' | 'parts' | 'amount_fen' | 'corrects_period' | 'was_fen' | 'should_be_fen' | 'explanation'>): string {
  if (line.corrects_period) {
    const because = /; changed since: (.+)$/.exec(line.explanation)?.[1];
    return t.trace.correction(line.corrects_period, yuan(line.was_fen), yuan(line.should_be_fen)) + (because && /\d/.test(because) ? `；${t.trace.because(because)}` : '');
  }
  const base = t.trace.base(yuan(line.base_fen)) + (fen(line.carried_in_fen) === 0n ? '' : t.trace.ownAndCarried(yuan(line.own_fen), yuan(line.carried_in_fen)));
  if (!line.parts.length) return `${base}；${fen(line.base_fen) < 0n ? t.trace.below : t.trace.nothing}`;
  return `${base}；${line.parts.map((part) => t.trace.part(yuan(part.amount_fen), percent(part.rate_bp))).join(' + ')} ${t.trace.result(yuan(line.amount_fen))}`;
}

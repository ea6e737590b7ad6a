// What was refused, as RFC 9457 says it, and in the words of the person who reads it.
import { t } from '@/texts/zh-CN';
import type { Schemas } from './types';

export type Reason = Schemas['Problem']['reason'];
export interface FieldError {
  field: string;
  rule: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly errors: FieldError[],
    readonly traceId: string,
    readonly retryAfterSeconds: number,
  ) {
    super(`${status} ${reason}`);
  }

  /** No answer came at all: no network, or the gateway is away. */
  static unreachable(): Problem {
    return new Problem(0, 'unreachable', [], '', 3);
  }

  static async from(response: Response): Promise<Problem> {
    const retryAfter = Number(response.headers.get('Retry-After') ?? 0);
    const traceId = response.headers.get('Trace-Id') ?? '';
    try {
      const body = (await response.json()) as Schemas['Problem'];
      const errors = body.errors.map((error) => ({ field: error.field ?? '', rule: error.rule ?? '', message: error.message ?? '' }));
      return new Problem(response.status, body.reason, errors, body.trace_id || traceId, retryAfter);
    } catch {
      return new Problem(response.status, 'internal', [], traceId, retryAfter);
    }
  }

  get title(): string {
    const known: Record<string, { title: string; advice: string }> = t.reasons;
    return known[this.reason]?.title ?? t.problem.byStatus(this.status);
  }

  get advice(): string {
    const known: Record<string, { title: string; advice: string }> = t.reasons;
    return known[this.reason]?.advice ?? t.problem.tellSupport;
  }

  /** The same request may be sent again with the same key. */
  get repeatable(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 503 || this.status === 504;
  }
}

/** The words for a rule that was broken; a rule of the business shows its number too, so that it can be looked up. */
export function ruleText(error: FieldError): string {
  const known: Record<string, string> = t.rules;
  return known[error.rule] ?? t.problem.unknownRule(error.rule);
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(500, 'internal', [], '', 0);
}

// What the account may open, by group. A screen stands here with the route of the contract that it reads: who may not call it does not see it.
import type { Route } from '@/api/access';
import { may } from '@/api/access';
import { t } from '@/texts/zh-CN';

export interface Entry {
  path: string;
  label: string;
  needs: Route;
  /** Also needed: what the screen is for, beside what it reads. */
  and?: Route;
  only?: (roles: readonly string[]) => boolean;
}

const GROUPS: { label: string; entries: Entry[] }[] = [
  {
    label: t.nav.front,
    entries: [
      { path: '/arrivals', label: t.nav.arrivals, needs: 'POST /v1/visits' },
      { path: '/appointments', label: t.nav.appointments, needs: 'GET /v1/appointments' },
      { path: '/visits', label: t.nav.visits, needs: 'GET /v1/visits' },
    ],
  },
  { label: t.nav.consulting, entries: [{ path: '/leads', label: t.nav.leads, needs: 'GET /v1/leads' }] },
  {
    label: t.nav.market,
    entries: [
      { path: '/mine', label: t.nav.myCustomers, needs: 'GET /v1/recognitions', only: (roles) => roles.includes('rep') },
      { path: '/statements', label: t.nav.statements, needs: 'GET /v1/statements/{period}' },
    ],
  },
  {
    label: t.nav.money,
    entries: [
      { path: '/settlements', label: t.nav.settlements, needs: 'GET /v1/settlements' },
      { path: '/periods', label: t.nav.periods, needs: 'GET /v1/periods', and: 'GET /v1/statements/{period}', only: (roles) => roles.some((role) => ['finance', 'leader', 'market_director', 'auditor', 'administrator'].includes(role)) },
      { path: '/ledger', label: t.nav.ledger, needs: 'GET /v1/ledger' },
      { path: '/plans', label: t.nav.plans, needs: 'GET /v1/plans' },
    ],
  },
  {
    label: t.nav.service,
    entries: [
      { path: '/members', label: t.nav.members, needs: 'GET /v1/members' },
      { path: '/complaints', label: t.nav.complaints, needs: 'GET /v1/complaints' },
      { path: '/tasks', label: t.nav.tasks, needs: 'GET /v1/tasks' },
      { path: '/messages', label: t.nav.messages, needs: 'GET /v1/messages' },
      { path: '/birthdays', label: t.nav.birthdays, needs: 'GET /v1/birthdays' },
      { path: '/templates', label: t.nav.templates, needs: 'GET /v1/templates' },
      { path: '/households', label: t.nav.households, needs: 'GET /v1/households' },
    ],
  },
  {
    label: t.nav.system,
    entries: [
      { path: '/imports', label: t.nav.imports, needs: 'POST /v1/imports' },
      { path: '/services', label: t.nav.services, needs: 'GET /v1/services/{service}/status' },
      { path: '/accounts', label: t.nav.accounts, needs: 'GET /v1/accounts' },
      { path: '/staff', label: t.nav.staff, needs: 'GET /v1/staff' },
      { path: '/policies', label: t.nav.policies, needs: 'GET /v1/policies/leads/versions' },
    ],
  },
];

export function menuFor(roles: readonly string[]): { label: string; entries: Entry[] }[] {
  return GROUPS.map((group) => ({ label: group.label, entries: group.entries.filter((entry) => may(entry.needs) && (!entry.and || may(entry.and)) && (entry.only?.(roles) ?? true)) })).filter((group) => group.entries.length > 0);
}

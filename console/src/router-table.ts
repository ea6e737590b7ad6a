// Every screen, the routes of the contract it needs, and where it lies. What is not the first screen is loaded when it is opened.
import type { RouteRecordRaw } from 'vue-router';
import type { Route } from '@/api/access';
import { t } from '@/texts/zh-CN';

declare module 'vue-router' {
  interface RouteMeta {
    title: string;
    needs?: Route;
    bare?: boolean;
  }
}

const screen = (path: string, title: string, needs: Route | undefined, component: RouteRecordRaw['component']): RouteRecordRaw =>
  ({ path, component, props: true, meta: { title, ...(needs ? { needs } : {}) } }) as RouteRecordRaw;

export const routes: RouteRecordRaw[] = [
  { path: '/sign-in', component: () => import('@/shell/SignInPage.vue'), meta: { title: t.signIn.title, bare: true } },
  screen('/', t.app.home, undefined, () => import('@/screens/Home.vue')),
  screen('/me', t.app.me, undefined, () => import('@/screens/system/Me.vue')),
  screen('/arrivals', t.nav.arrivals, 'POST /v1/visits', () => import('@/screens/front/Arrivals.vue')),
  screen('/appointments', t.nav.appointments, 'GET /v1/appointments', () => import('@/screens/front/Appointments.vue')),
  screen('/visits', t.nav.visits, 'GET /v1/visits', () => import('@/screens/front/Visits.vue')),
  screen('/leads', t.nav.leads, 'GET /v1/leads', () => import('@/screens/consulting/Leads.vue')),
  screen('/leads/:id', t.leads.one, 'GET /v1/leads/{id}', () => import('@/screens/consulting/Lead.vue')),
  screen('/customers/:id', t.customer.title, 'GET /v1/customers/{id}', () => import('@/screens/consulting/Customer.vue')),
  screen('/mine', t.nav.myCustomers, 'GET /v1/recognitions', () => import('@/screens/market/Mine.vue')),
  screen('/statements', t.nav.statements, 'GET /v1/statements/{period}', () => import('@/screens/market/Statements.vue')),
  screen('/statements/:period/:payee', t.statement.title, 'GET /v1/statements/{period}/{payee}', () => import('@/screens/market/Statement.vue')),
  screen('/settlements', t.nav.settlements, 'GET /v1/settlements', () => import('@/screens/money/Settlements.vue')),
  screen('/settlements/:id', t.settlements.one, 'GET /v1/settlements/{id}', () => import('@/screens/money/Settlement.vue')),
  screen('/periods', t.nav.periods, 'GET /v1/periods', () => import('@/screens/money/Periods.vue')),
  screen('/ledger', t.nav.ledger, 'GET /v1/ledger', () => import('@/screens/money/Ledger.vue')),
  screen('/plans', t.nav.plans, 'GET /v1/plans', () => import('@/screens/money/Plans.vue')),
  screen('/members', t.nav.members, 'GET /v1/members', () => import('@/screens/service/Members.vue')),
  screen('/members/:id', t.members.one, 'GET /v1/members/{customer_id}', () => import('@/screens/service/Member.vue')),
  screen('/complaints', t.nav.complaints, 'GET /v1/complaints', () => import('@/screens/service/Complaints.vue')),
  screen('/complaints/:id', t.complaints.one, 'GET /v1/complaints/{id}', () => import('@/screens/service/Complaint.vue')),
  screen('/tasks', t.nav.tasks, 'GET /v1/tasks', () => import('@/screens/service/Tasks.vue')),
  screen('/messages', t.nav.messages, 'GET /v1/messages', () => import('@/screens/service/Messages.vue')),
  screen('/messages/:id', t.messages.one, 'GET /v1/messages/{id}', () => import('@/screens/service/MessagePage.vue')),
  screen('/birthdays', t.nav.birthdays, 'GET /v1/birthdays', () => import('@/screens/service/Birthdays.vue')),
  screen('/templates', t.nav.templates, 'GET /v1/templates', () => import('@/screens/service/Templates.vue')),
  screen('/households', t.nav.households, 'GET /v1/households', () => import('@/screens/service/Households.vue')),
  screen('/imports', t.nav.imports, 'POST /v1/imports', () => import('@/screens/system/Imports.vue')),
  screen('/services', t.nav.services, 'GET /v1/services/{service}/status', () => import('@/screens/system/Services.vue')),
  screen('/accounts', t.nav.accounts, 'GET /v1/accounts', () => import('@/screens/system/Accounts.vue')),
  screen('/staff', t.nav.staff, 'GET /v1/staff', () => import('@/screens/system/Staff.vue')),
  screen('/staff/:id', t.staff.one, 'GET /v1/staff/{id}', () => import('@/screens/system/StaffMember.vue')),
  screen('/policies', t.nav.policies, 'GET /v1/policies/leads/versions', () => import('@/screens/system/Policies.vue')),
  screen('/:unknown(.*)*', t.notFound.title, undefined, () => import('@/screens/NotFound.vue')),
];

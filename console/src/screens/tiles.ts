// The numbers of the first screen: each is a list with its filter, and leads to that list.
import type { GetPath } from '@/api/types';
import { addDays, day } from '@/lib/time';
import { t } from '@/texts/zh-CN';

export interface Tile {
  label: string;
  path: GetPath;
  key: string;
  query: Record<string, string>;
  to: string;
  /** Only for these roles: others may read it, but it is not their day's work. */
  roles: readonly string[];
}

export function tiles(today = day()): Tile[] {
  const appointment = (label: string, status: string): Tile => ({
    label, path: '/v1/appointments', key: 'appointments', query: { status, day_from: today, day_to: today }, to: `/appointments?status=${status}&day_from=${today}&day_to=${today}`,
    roles: ['front_desk', 'consultant', 'supervisor'],
  });
  const lead = (label: string, state: string): Tile => ({
    label, path: '/v1/leads', key: 'leads', query: { state, day_from: addDays(today, -30) }, to: `/leads?state=${state}&day_from=${addDays(today, -30)}`, roles: ['consultant', 'supervisor'],
  });
  const message = (label: string, state: string): Tile => ({
    label, path: '/v1/messages', key: 'messages', query: { state }, to: `/messages?state=${state}`, roles: ['customer_service', 'customer_service_director'],
  });
  const complaint = (label: string, state: string, roles: string[]): Tile => ({ label, path: '/v1/complaints', key: 'complaints', query: { state }, to: `/complaints?state=${state}`, roles });
  const service = ['customer_service', 'customer_service_director'];
  return [
    appointment(t.home.todayBooked, 'APPOINTMENT_STATUS_BOOKED'),
    appointment(t.home.todayArrived, 'APPOINTMENT_STATUS_ARRIVED'),
    appointment(t.home.noShow, 'APPOINTMENT_STATUS_NO_SHOW'),
    { label: t.home.todayVisits, path: '/v1/visits', key: 'visits', query: { day_from: today, day_to: today }, to: `/visits?day_from=${today}&day_to=${today}`, roles: ['front_desk', 'rep', 'supervisor', 'market_director', 'leader'] },
    lead(t.home.newLeads, 'LEAD_STATE_NEW'),
    lead(t.home.contacted, 'LEAD_STATE_CONTACTED'),
    lead(t.home.appointed, 'LEAD_STATE_APPOINTED'),
    { label: t.home.recognitions, path: '/v1/recognitions', key: 'recognitions', query: {}, to: '/mine', roles: ['rep'] },
    { label: t.home.tasks, path: '/v1/tasks', key: 'messages', query: {}, to: '/tasks', roles: service },
    complaint(t.home.openComplaints, 'COMPLAINT_STATE_OPEN', [...service, 'leader']),
    complaint(t.home.investigating, 'COMPLAINT_STATE_INVESTIGATING', [...service, 'leader']),
    { label: t.home.birthdays, path: '/v1/birthdays', key: 'birthdays', query: { day: today }, to: `/birthdays?day=${today}`, roles: service },
    message(t.home.failed, 'MESSAGE_STATE_FAILED'),
    message(t.home.held, 'MESSAGE_STATE_HELD'),
    message(t.home.unknown, 'MESSAGE_STATE_UNKNOWN'),
    { label: t.home.households, path: '/v1/households', key: 'households', query: { state: 'HOUSEHOLD_STATE_PROPOSED' }, to: '/households?state=HOUSEHOLD_STATE_PROPOSED', roles: service },
    { label: t.home.openPeriods, path: '/v1/periods', key: 'periods', query: { state: 'PERIOD_STATE_OPEN' }, to: '/periods?state=PERIOD_STATE_OPEN', roles: ['finance'] },
    { label: t.home.running, path: '/v1/operations', key: 'operations', query: { service: 'leads', state: 'OPERATION_STATE_RUNNING' }, to: '/imports', roles: ['operations', 'administrator'] },
    { label: t.home.failedOperations, path: '/v1/operations', key: 'operations', query: { service: 'leads', state: 'OPERATION_STATE_FAILED' }, to: '/imports', roles: ['operations', 'administrator'] },
  ];
}

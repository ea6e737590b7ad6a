import type { Message } from '@/api/types';
import { moment } from '@/lib/time';
import { codeText, t } from '@/texts/zh-CN';
import type { Column } from '@/ui/columns';
import type { Field } from '@/ui/fields';

export type Appointment = Message<'renxin.leads.v1.Appointment'>;

export const appointmentColumns: Column<Appointment>[] = [
  { key: 'customer', label: t.fields.customer, value: (row) => row.lead_id, kind: 'lead', phone: 'title' },
  { key: 'slot', label: t.fields.slot, value: (row) => moment(row.slot_start) },
  { key: 'status', label: t.fields.status, value: (row) => row.status, kind: 'tag', of: 'renxin.leads.v1.AppointmentStatus', phone: 'title' },
  { key: 'department', label: t.fields.department, value: (row) => codeText(row.department) },
  { key: 'booked', label: t.fields.bookedAt, value: (row) => moment(row.booked_at), phone: 'hide' },
  { key: 'at', label: t.fields.statusAt, value: (row) => moment(row.status_at), phone: 'hide' },
];

export const DEPARTMENTS = ['dental', 'aesthetics', 'skin', 'gynaecology', 'checkup', 'surgery', 'urology', 'obstetrics', 'internal'];
export const departmentOptions = DEPARTMENTS.map((value) => ({ value, label: codeText(value) }));

export const newAppointmentFields: Field[] = [
  { name: 'department', label: t.fields.department, kind: 'select', open: true, required: true, options: departmentOptions },
  { name: 'slot_start', label: t.fields.slot, kind: 'slot', required: true },
];

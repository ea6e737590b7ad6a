// Who has the appointments that are shown: an appointment names its lead, and the lead its customer. Two reads a row, kept by the cache
// (names in rows: issue 18).
import { reactive, watch } from 'vue';
import { get } from '@/api/client';
import { queryClient, recordKey } from '@/api/queries';
import type { Appointment } from '@/screens/front/appointments';

export interface Person {
  customerId: string;
  name: string;
  phone: string;
}

async function personOf(leadId: string): Promise<Person> {
  const lead = await queryClient.fetchQuery({ queryKey: [...recordKey('/v1/leads/{id}', { id: leadId }), {}], queryFn: () => get('/v1/leads/{id}', { id: leadId }) });
  const id = lead.data.customer_id;
  const customer = await queryClient.fetchQuery({ queryKey: [...recordKey('/v1/customers/{id}', { id }), {}], queryFn: () => get('/v1/customers/{id}', { id }) });
  return { customerId: id, name: customer.data.name, phone: customer.data.phone };
}

/** Lead id → person, filled as the answers come. */
export function usePeople(appointments: () => Appointment[]): Record<string, Person> {
  const people = reactive<Record<string, Person>>({});
  watch(
    appointments,
    async (rows) => {
      for (const row of rows) {
        if (people[row.lead_id]) continue;
        try {
          people[row.lead_id] = await personOf(row.lead_id);
        } catch {
          // The row stands without a name; its page says what was refused.
        }
      }
    },
    { immediate: true },
  );
  return people;
}

/** Surname, last four of the phone, or department: what somebody at the desk is told. */
export function matches(person: Person | undefined, department: string, typed: string): boolean {
  const wanted = typed.normalize('NFKC').trim();
  if (wanted === '') return true;
  if (department.includes(wanted)) return true;
  if (!person) return false;
  return /^\d+$/.test(wanted) ? person.phone.endsWith(wanted) : person.name.startsWith(wanted[0]!);
}

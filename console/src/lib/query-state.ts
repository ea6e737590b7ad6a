// The URL is the state of a list: filters live in the query, so that going back, reloading and sending the link show the same.
import { computed, reactive } from 'vue';
import { useRoute, useRouter, type LocationQuery } from 'vue-router';

export function readQuery<K extends string>(query: LocationQuery, defaults: Record<K, string>): Record<K, string> {
  const read = { ...defaults };
  for (const name of Object.keys(defaults) as K[]) {
    const value = query[name];
    if (typeof value === 'string') read[name] = value;
  }
  return read;
}

/** What stands in the URL: what differs from the defaults, and what belongs to others. */
export function writeQuery<K extends string>(query: LocationQuery, defaults: Record<K, string>, values: Record<K, string>): LocationQuery {
  const written: LocationQuery = { ...query };
  for (const name of Object.keys(defaults) as K[]) {
    if (values[name] === defaults[name]) delete written[name];
    else written[name] = values[name];
  }
  return written;
}

export function useQueryState<K extends string>(defaults: Record<K, string>) {
  const route = useRoute();
  const router = useRouter();
  const values = computed(() => readQuery(route.query, defaults));
  const set = (some: Partial<Record<K, string>>) => router.replace({ query: writeQuery(route.query, defaults, { ...values.value, ...some }) });
  return reactive({
    values,
    set,
    reset: () => set(defaults),
    isDefault: computed(() => Object.keys(writeQuery({}, defaults, values.value)).length === 0),
    /** Without what says nothing: as the interface takes it. */
    given: computed(() => Object.fromEntries(Object.entries<string>(values.value).filter(([, value]) => value !== ''))),
  });
}

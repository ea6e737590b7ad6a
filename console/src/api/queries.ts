// Reading through the cache: one key a route and its fields, so that a live event finds what it concerns.
import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { get, type Answer } from './client';
import { asProblem } from './problem';
import type { GetPath, GetReply, PathFields, Query } from './types';

const PAGE = 50;
/** Pages that a list keeps; with more the first are read again when one scrolls back. */
const MAX_PAGES = 20;
const RETRIES = 4;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      networkMode: 'always',
      retry: (count, error) => count < RETRIES && asProblem(error).repeatable,
      retryDelay: (count, error) => Math.max(asProblem(error).retryAfterSeconds * 1000, 500 * 2 ** count),
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

export interface ListSource<T> {
  path: GetPath;
  rows: (query: Record<string, string>, pageToken: string) => Promise<{ rows: T[]; next: string }>;
}

type Element<L> = L extends readonly (infer T)[] ? T : never;

/** A list of the contract: its route, and the field of the answer that has the rows. `fields` fill the path. */
export function listOf<P extends GetPath, K extends keyof GetReply<P> & string>(path: P, key: K, fields?: PathFields<P, 'get'>, size = PAGE): ListSource<Element<GetReply<P>[K]>> {
  return {
    path,
    async rows(query, pageToken) {
      const asked = { ...query, page_size: size, ...(pageToken ? { page_token: pageToken } : {}) };
      const { data } = await get(path, fields, asked as unknown as Query<P>);
      const answer = data as unknown as Record<string, unknown> & { next_page_token: string };
      return { rows: (answer[key] ?? []) as Element<GetReply<P>[K]>[], next: answer.next_page_token };
    },
  };
}

export function useList<T>(source: ListSource<T>, query: MaybeRefOrGetter<Record<string, string>>, fields: MaybeRefOrGetter<unknown> = undefined) {
  return useInfiniteQuery({
    queryKey: computed(() => [source.path, 'list', toValue(fields) ?? {}, toValue(query)]),
    queryFn: ({ pageParam }) => source.rows(toValue(query), pageParam),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
    maxPages: MAX_PAGES,
    placeholderData: (before) => before,
  });
}

export function recordKey(path: GetPath, fields: unknown): unknown[] {
  return [path, 'record', fields];
}

/** One record with the tag that a change of it is made under. */
export function useRecord<P extends GetPath>(path: P, fields: MaybeRefOrGetter<PathFields<P, 'get'>>, options: { enabled?: MaybeRefOrGetter<boolean>; query?: MaybeRefOrGetter<Query<P>>; every?: (answer: GetReply<P> | undefined) => number | false } = {}) {
  return useQuery<Answer<GetReply<P>>>({
    queryKey: computed(() => [...recordKey(path, toValue(fields)), toValue(options.query) ?? {}]),
    queryFn: () => get(path, toValue(fields), toValue(options.query)),
    enabled: computed(() => toValue(options.enabled) ?? true),
    refetchInterval: (query) => options.every?.(query.state.data?.data) ?? false,
  });
}

/** How many rows a list has, for a tile: exact below a page of 200, "200+" beyond. */
export function useCount(path: GetPath, key: string, query: MaybeRefOrGetter<Record<string, string>>) {
  return useQuery({
    queryKey: computed(() => [path, 'count', toValue(query)]),
    queryFn: async () => {
      const { data } = await get(path, undefined, { ...toValue(query), page_size: 200 } as never);
      const answer = data as unknown as Record<string, unknown[]> & { next_page_token: string };
      return { count: (answer[key] ?? []).length, more: answer.next_page_token !== '' };
    },
  });
}

/** What was read of a route, and everything that was read of the same collection, is read again where it is shown. */
export function changed(...paths: string[]): void {
  void queryClient.invalidateQueries({ predicate: ({ queryKey }) => paths.some((path) => String(queryKey[0]).startsWith(path)) });
}

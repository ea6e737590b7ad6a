// Every request of the console goes out here: typed by the contract, with the access token, and repeated once the session is renewed.
import { Problem } from './problem';
import { session } from './session';
import type { Body, GetPath, GetReply, PathFields, PostPath, PostReply, Query } from './types';

const JSON_TYPE = 'application/json';

interface Sent {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: BodyInit;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

export function urlOf(path: string, fields: Record<string, unknown> = {}, query: Record<string, unknown> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(fields[name] ?? '')));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '' && value !== null) search.append(name, String(value));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

async function once(sent: Sent): Promise<Response> {
  const token = await session.token();
  try {
    return await fetch(sent.url, {
      method: sent.method,
      headers: { Accept: JSON_TYPE, ...(token ? { Authorization: `Bearer ${token}` } : {}), ...sent.headers },
      ...(sent.body === undefined ? {} : { body: sent.body }),
      credentials: 'omit',
      cache: 'no-store',
    });
  } catch {
    throw Problem.unreachable();
  }
}

/** A 401 renews the session, or waits until the person has signed in again over the page; then the same request goes out, with its key. */
export async function send(sent: Sent): Promise<Response> {
  let response = await once(sent);
  if (response.status === 401) {
    await session.renewAfter401();
    response = await once(sent);
  }
  if (!response.ok) throw await Problem.from(response);
  return response;
}

export async function get<P extends GetPath>(path: P, fields: PathFields<P, 'get'>, query?: Query<P>): Promise<Answer<GetReply<P>>>;
export async function get<P extends GetPath>(path: P, fields?: PathFields<P, 'get'>, query?: Query<P>): Promise<Answer<GetReply<P>>>;
export async function get<P extends GetPath>(path: P, fields?: unknown, query?: unknown): Promise<Answer<GetReply<P>>> {
  const url = urlOf(path, fields as Record<string, unknown>, query as Record<string, unknown>);
  const response = await send({ method: 'GET', url, headers: {} });
  return { data: (await response.json()) as GetReply<P>, etag: response.headers.get('ETag') };
}

export interface PostOptions {
  key: string;
  ifMatch?: string | null;
}

export async function post<P extends PostPath>(path: P, fields: PathFields<P, 'post'> | undefined, body: Body<P>, options: PostOptions): Promise<PostReply<P>> {
  const headers: Record<string, string> = { 'Content-Type': JSON_TYPE, 'Idempotency-Key': options.key };
  if (options.ifMatch) headers['If-Match'] = options.ifMatch;
  const url = urlOf(path, fields as Record<string, unknown> | undefined);
  const response = await send({ method: 'POST', url, headers, body: JSON.stringify(body) });
  return (await response.json()) as PostReply<P>;
}

/** multipart/form-data: the fields first, then the file, as docs/api.md wants it. */
export async function upload(fields: Record<string, string>, file: File, key: string): Promise<PostReply<'/v1/imports'>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file, file.name);
  const response = await send({ method: 'POST', url: '/v1/imports', headers: { 'Idempotency-Key': key }, body: form });
  return (await response.json()) as PostReply<'/v1/imports'>;
}

/** A file of an answer, saved under a name; a link could not carry the token. */
export async function download(url: string, name: string): Promise<void> {
  const response = await send({ method: 'GET', url, headers: {} });
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

export const freshKey = (): string => crypto.randomUUID();

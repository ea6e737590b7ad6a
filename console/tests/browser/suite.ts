// The running suite that the tests use, through its API: accounts of every role, and what a test needs to be there.
import { readFileSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';

interface Instance {
  url: string;
  administrator: { username: string; password_file: string };
}

const instance = JSON.parse(readFileSync(process.env.RENXIN_E2E_INSTANCE!, 'utf-8')) as Instance;
export const url = instance.url;

export interface Account {
  username: string;
  password: string;
  id: string;
  staffId: string;
  api: Api;
}

export class Api {
  constructor(readonly token = '') {}

  async send(method: string, path: string, body?: unknown, key: string = randomUUID(), headers: Record<string, string> = {}): Promise<{ status: number; json: any; headers: Headers }> {
    const response = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text ? JSON.parse(text) : null, headers: response.headers };
  }

  async get(path: string): Promise<any> {
    return this.expect('GET', path);
  }

  async post(path: string, body: unknown): Promise<any> {
    return this.expect('POST', path, body);
  }

  private async expect(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.send(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  }
}

export async function signIn(username: string, password: string): Promise<Api> {
  const answer = await new Api().post('/v1/sessions', { username, password });
  return new Api(answer.access_token as string);
}

export const administratorPassword = readFileSync(instance.administrator.password_file, 'utf-8').trim();
let administrator: Promise<Api> | null = null;
export const admin = (): Promise<Api> => (administrator ??= signIn(instance.administrator.username, administratorPassword));

/** A short code that nobody else has. */
export const code = (prefix: string): string => `${prefix}-${randomBytes(5).toString('hex')}`;
/** A mobile number that no other test uses. */
export const phone = (): string => `139${String(randomBytes(4).readUInt32BE() % 100_000_000).padStart(8, '0')}`;
export const today = (): string => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

const known = new Map<string, Promise<Account>>();

async function hire(role: string): Promise<Account> {
  const by = await admin();
  const staff = await by.post('/v1/staff', { staff_no: code('e'), name: '周敏', job: role, joined_on: '2025-01-01' });
  const username = code(role.replaceAll('_', '-'));
  const password = randomBytes(12).toString('hex');
  const account = await by.post('/v1/accounts', { username, password, roles: [role], staff_id: staff.id });
  // Commissions hears of them by an event; until then they have no statement.
  const statement = `/v1/statements/${today().slice(0, 7)}/${staff.id}`;
  await eventually(() => by.get(statement).then(() => true, () => false), `${role} is known to commissions`, 60);
  return { username, password, id: account.id, staffId: staff.id, api: await signIn(username, password) };
}

/** The account of a member of staff in a role; one a run. */
export function account(role: string): Promise<Account> {
  let found = known.get(role);
  if (!found) {
    found = hire(role);
    known.set(role, found);
  }
  return found;
}

export interface LeadMade {
  id: string;
  customer_id: string;
  phone: string;
  name: string;
}

/** A consultation of a new person, in the list of the consultant. */
export async function newLead(consultant: Account, name = '林静', project = 'dental'): Promise<LeadMade> {
  const number = phone();
  const answer = await consultant.api.post('/v1/leads', { channel: 'phone', name, phone: number, project, consultant_id: consultant.staffId });
  return { ...answer.lead, phone: number, name };
}

/** An appointment in some hours, today by the hospital's calendar where the day is long enough. */
export async function newAppointment(consultant: Account, lead: LeadMade, department = 'dental'): Promise<{ id: string; version: string }> {
  const clock = new Date(Date.now() + 8 * 3_600_000).getUTCHours();
  const slot = `${today()}T${String(Math.min(23, clock + 1)).padStart(2, '0')}:${clock >= 23 ? '59' : '30'}:00+08:00`;
  return consultant.api.post('/v1/appointments', { lead_id: lead.id, department, slot_start: slot });
}

export async function eventually<T>(read: () => Promise<T | undefined | false | null>, what: string, seconds = 20): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not come true within ${seconds} s`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

/** An account of the demonstration (`./dev up --demo`), whose hospital has a month behind it. */
export async function demo(role: string): Promise<Account> {
  const name = `demo-${role.replaceAll('_', '-')}`;
  const password = readFileSync(`${process.env.RENXIN_DEMO_FOLDER}/${name}.password`, 'utf-8').trim();
  const api = await signIn(name, password);
  const current = await api.get('/v1/sessions/current');
  return { username: name, password, id: current.id, staffId: current.staff_id, api };
}

/** A file of one kind, sent and taken in. */
export async function importFile(by: Account, kind: string, source: string, csv: string): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ kind, source, dry_run: 'false' })) form.append(name, value);
  form.append('file', new Blob([csv]), `${kind}.csv`);
  const response = await fetch(`${url}/v1/imports`, { method: 'POST', body: form, headers: { Authorization: `Bearer ${by.api.token}`, 'Idempotency-Key': randomUUID() } });
  if (response.status !== 202) throw new Error(`POST /v1/imports: ${response.status} ${await response.text()}`);
  const { id } = (await response.json()) as { id: string };
  await eventually(async () => (await by.api.get(`/v1/operations/${id}`)).ended_at, 'the import');
}

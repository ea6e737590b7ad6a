// Who is signed in. The access token is in memory alone; the refresh token is in a cookie that scripts cannot read, and serves once, so
// that renewing is done under a lock that all tabs share.
import { computed, reactive } from 'vue';
import { Problem } from './problem';
import type { Message } from './types';

export type Account = Message<'renxin.identity.v1.Account'>;
type Session = Message<'renxin.identity.v1.Session'>;

/** Says nothing but that this browser was signed in: without it the first page would ask in vain. */
const HINT = 'renxin.signed-in';
const EARLY_MS = 60_000;

const state = reactive({
  account: null as Account | null,
  /** The session has ended under an open page: the sign-in stands over it. */
  lost: false,
});
let accessToken = '';
let expiresAt = 0;
let renewing: Promise<boolean> | null = null;
let waiting: (() => void)[] = [];

async function ask(path: string, body: object, key: string = crypto.randomUUID()): Promise<Response> {
  try {
    return await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, 'Renxin-Console': '1' },
      body: JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch {
    throw Problem.unreachable();
  }
}

function adopt(answer: Session): void {
  accessToken = answer.access_token;
  expiresAt = Date.now() + Number(answer.expires_in) * 1000;
  state.account = answer.account ?? null;
  state.lost = false;
  localStorage.setItem(HINT, '1');
  const resumed = waiting;
  waiting = [];
  resumed.forEach((resume) => resume());
}

async function renewOnce(): Promise<boolean> {
  const key = crypto.randomUUID();
  const response = await navigator.locks.request('renxin.refresh', () => ask('/v1/sessions:refresh', {}, key));
  if (response.ok) {
    adopt((await response.json()) as Session);
    return true;
  }
  if (response.status === 400 || response.status === 401) {
    localStorage.removeItem(HINT);
    return false;
  }
  throw await Problem.from(response);
}

/** Whether there is a session still; several callers ask once. */
function renew(): Promise<boolean> {
  renewing ??= renewOnce().finally(() => {
    renewing = null;
  });
  return renewing;
}

export const session = {
  account: computed(() => state.account),
  lost: computed(() => state.lost),

  async signIn(username: string, password: string): Promise<void> {
    const response = await ask('/v1/sessions', { username, password });
    if (!response.ok) throw await Problem.from(response);
    adopt((await response.json()) as Session);
  },

  /** When the page is opened: true when the cookie still holds. */
  async resume(): Promise<boolean> {
    if (state.account) return true;
    if (!localStorage.getItem(HINT)) return false;
    return renew();
  },

  async signOut(): Promise<void> {
    try {
      await ask('/v1/sessions:end', {});
    } finally {
      accessToken = '';
      state.account = null;
      state.lost = false;
      localStorage.removeItem(HINT);
      sessionStorage.clear();
    }
  },

  /** The access token, renewed before it runs out. */
  async token(): Promise<string> {
    if (accessToken && Date.now() > expiresAt - EARLY_MS) {
      try {
        await renew();
      } catch {
        // The token may serve for a while yet; when it does not, the 401 says so.
      }
    }
    return accessToken;
  },

  async renewAfter401(): Promise<void> {
    if (await renew()) return;
    accessToken = '';
    state.lost = true;
    await new Promise<void>((resume) => waiting.push(resume));
  },
};

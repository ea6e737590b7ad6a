// Live events (docs/live.md): connect, then read, then apply. An event names a record, never its content: what is shown of it is read again.
import { reactive } from 'vue';
import { queryClient } from './queries';
import { session } from './session';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Event type → the collections that it concerns; the first has the record by the event's id. */
const CONCERNS: Record<string, string[]> = {
  lead_changed: ['/v1/leads', '/v1/appointments'],
  visit_registered: ['/v1/visits', '/v1/appointments'],
  referral_recognised: ['/v1/recognitions'],
  statement_locked: ['/v1/statements', '/v1/periods'],
  settlement_recorded: ['/v1/settlements'],
  course_changed: ['/v1/courses'],
  customer_registered: ['/v1/customers'],
  member_changed: ['/v1/members'],
  points_changed: ['/v1/members'],
  staff_changed: ['/v1/staff'],
};

export const live = reactive({
  state: 'off' as 'off' | 'connecting' | 'open' | 'closed',
  /** Collection → changes since its list was read: a list says so and does not move under the pointer. */
  waiting: {} as Record<string, number>,
});

let socket: WebSocket | null = null;
let pause = FIRST_PAUSE_MS;
let timer = 0;
let wanted = false;
let tokenSent = '';

interface LiveEvent {
  type: string;
  id: string;
}

function apply(event: LiveEvent): void {
  const concerned = CONCERNS[event.type];
  if (!concerned) return;
  for (const path of concerned) live.waiting[path] = (live.waiting[path] ?? 0) + 1;
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [path, kind, fields] }) =>
      concerned.some((one) => String(path).startsWith(one)) && (kind === 'count' || (kind === 'record' && JSON.stringify(fields).includes(event.id))),
  });
  // Parts of a record (its history, its lists) are lists of their own that few look at: they are read again at once.
  void queryClient.invalidateQueries({ predicate: ({ queryKey: [, kind, fields] }) => kind === 'list' && JSON.stringify(fields ?? '').includes(event.id) });
}

async function connect(): Promise<void> {
  if (!wanted || socket) return;
  live.state = live.state === 'closed' ? 'closed' : 'connecting';
  const token = await session.token();
  if (!token || !wanted) return;
  const opened = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/v1/live`, ['renxin.v1', `bearer.${token}`]);
  socket = opened;
  tokenSent = token;
  opened.onopen = () => {
    const again = live.state === 'closed';
    live.state = 'open';
    pause = FIRST_PAUSE_MS;
    // What happened while nobody listened is in no event: read again all that is shown.
    if (again) void queryClient.invalidateQueries();
  };
  opened.onmessage = (message) => apply(JSON.parse(String(message.data)) as LiveEvent);
  opened.onclose = (close) => {
    socket = null;
    if (!wanted) return;
    live.state = 'closed';
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void reconnect(close.code), pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  };
}

async function reconnect(code: number): Promise<void> {
  const ranOut = 4401;
  if (code === ranOut && session.account.value) await session.token();
  await connect();
}

/** The socket outlives a token when it gets the next one in time. */
async function renewToken(): Promise<void> {
  const token = await session.token();
  if (socket?.readyState === WebSocket.OPEN && token && token !== tokenSent) {
    tokenSent = token;
    socket.send(JSON.stringify({ token }));
  }
}

export function startLive(): void {
  if (wanted) return;
  wanted = true;
  void connect();
  window.setInterval(() => void renewToken(), 20_000);
}

export function stopLive(): void {
  wanted = false;
  live.state = 'off';
  socket?.close(1000);
  socket = null;
}

import type { Session } from './types';

/** Why nobody is signed in. */
export type SessionEnd = 'left' | 'expired';

export type SessionState =
  | { status: 'unknown' }
  | { status: 'signed_in' }
  | { status: 'signed_out'; because: SessionEnd };

/** Renewed this long before the access token ends, milliseconds. */
const MARGIN_MS = 30_000;
const LOCK = 'flotilla.session';

let state: SessionState = { status: 'unknown' };
// In memory only: a script that reads storage finds nothing to steal.
let access: { token: string; endsAt: number } | null = null;
let renewal: Promise<Session | null> | null = null;
/** Whose session it is or was. */
let userId: string | undefined;
const listeners = new Set<() => void>();
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(LOCK);

// The cookie is everyone's: what is shown of one user must not go on by the session of another.
tabs?.addEventListener('message', (event) => {
  if (state.status === 'signed_in' && event.data !== userId) end('left');
});

/** Whether someone is signed in, as far as this tab knows. */
export function sessionState(): SessionState {
  return state;
}

/** Calls `listener` when that changes; the answer stops it. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Remembers the session of an answer to register, login or refresh. */
export function begin(session: Session): void {
  access = { token: session.access_token, endsAt: Date.now() + session.expires_in * 1000 };
  userId = session.user.id;
  change({ status: 'signed_in' });
}

/** Forgets the session. */
export function end(because: SessionEnd): void {
  access = null;
  if (state.status === 'signed_out') return;
  change({ status: 'signed_out', because });
}

/** Tells the other tabs who is signed in from now on: the id of a user, or that he left. */
export function announce(who: string): void {
  tabs?.postMessage(who);
}

/** A token that is good for a while, renewed if need be; null without a session. */
export async function accessToken(): Promise<string | null> {
  if (access && access.endsAt - MARGIN_MS > Date.now()) return access.token;
  if (state.status === 'signed_out') return null;
  await renew();
  return access?.token ?? null;
}

/**
 * A new access token by the refresh cookie; null if the session is over.
 * Rejects if the server cannot be reached: that ends no session.
 */
export function renew(): Promise<Session | null> {
  renewal ??= exclusively(refresh).finally(() => {
    renewal = null;
  });
  return renewal;
}

/** The cookie rotates, so only one tab at a time may use it. */
async function exclusively<T>(task: () => Promise<T>): Promise<T> {
  // Absent on a plain http address that is not localhost.
  if (!navigator.locks) return task();
  return await navigator.locks.request(LOCK, task);
}

async function refresh(): Promise<Session | null> {
  const response = await fetch(new URL('/api/v1/auth/refresh', location.origin), {
    method: 'POST',
    headers: { 'X-Flotilla': '1' },
  });
  if (response.status === 401 || response.status === 403) {
    // Someone who was not here yet did not lose anything.
    end(state.status === 'signed_in' ? 'expired' : 'left');
    return null;
  }
  if (!response.ok) throw new TypeError(`refresh answered ${response.status}`);
  const session: Session = await response.json();
  // Somebody else signed in elsewhere in this browser.
  if (state.status === 'signed_in' && session.user.id !== userId) {
    end('left');
    return null;
  }
  begin(session);
  return session;
}

/** Back to the state of a page that was just loaded. */
export function reset(): void {
  state = { status: 'unknown' };
  access = null;
  renewal = null;
  listeners.clear();
}

function change(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}

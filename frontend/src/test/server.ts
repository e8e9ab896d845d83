import { vi } from 'vitest';
import { aSession } from './build';
import { aGuardState, noRules, someDefaults } from './build-risk';
import { noStats } from './build-stats';

/** What a faked call answers: a body, or a problem, or later one of them. */
export type Answer = (request: { body: unknown; url: URL; headers: Headers }) => unknown;

export interface Refusal {
  status: number;
  code: string;
  errors?: { field: string; code: string; detail: string }[];
  /** What only some problems tell. */
  more?: object;
}

const refusals = new WeakSet<object>();

/** An answer that is a problem document. */
export function refuse(
  status: number,
  code: string,
  errors: Refusal['errors'] = [],
  more = {},
): Refusal {
  const refusal = { status, code, errors, more };
  refusals.add(refusal);
  return refusal;
}

const SIGNED_IN: Record<string, Answer> = {
  'POST /api/v1/auth/refresh': () => aSession(),
  'GET /api/v1/status': () => ({ version: '9.9.9', status: 'up', components: {} }),
  'POST /api/v1/ws-tickets': () => refuse(503, 'busy'),
  'GET /api/v1/accounts': () => pageOf(),
  'GET /api/v1/accounts/account-1/corrections': () => ({
    floor_overrides: [],
    cash_flows: [],
    day_starts: [],
  }),
  'GET /api/v1/accounts/account-1/guard': () => ({ ...aGuardState(), version: 0 }),
  'GET /api/v1/accounts/account-1/rules': () => noRules(),
  'GET /api/v1/accounts/account-1/violations': () => pageOf(),
  'GET /api/v1/exchange-keys': () => ({ items: [], egress_addresses: ['203.0.113.7'] }),
  'GET /api/v1/groups': () => pageOf(),
  'GET /api/v1/risk': () => pageOf(),
  'GET /api/v1/risk/guarded': () => ({ accounts: 0, closing: 0 }),
  'GET /api/v1/risk/templates': () => ({ warning: '', templates: [] }),
  'GET /api/v1/trades': () => pageOf(),
  'GET /api/v1/trades/symbols': () => ({ items: [] }),
  'GET /api/v1/trades/import': () => refuse(404, 'not_found'),
  'GET /api/v1/trades/trade-1/screenshots': () => ({ items: [] }),
  'GET /api/v1/stats': () => noStats(),
  'GET /api/v1/alerts': () => ({ ...pageOf(), unread: 0 }),
  'GET /api/v1/me/sessions': () => ({ items: [] }),
  'GET /api/v1/me/risk-defaults': () => someDefaults(),
  'GET /api/v1/me/api-keys': () => ({ items: [] }),
  'GET /api/v1/rates': () => pageOf(),
  'GET /api/v1/shares': () => ({ items: [] }),
  'GET /api/v1/me/alert-levels': () => ({ inbox: 'info', popup: 'critical', mail: 'critical' }),
  'GET /api/v1/stop': () => ({ stops: [], operations: [] }),
};

export function pageOf<Item>(...items: Item[]): { items: Item[]; next_cursor: null } {
  return { items, next_cursor: null };
}

/**
 * Fakes the network below the client. Keys are `GET /api/v1/accounts`; a signed-in
 * user without anything is there already. Answers the calls made, as `METHOD /path`.
 */
export function serve(answers: Record<string, Answer>): string[] {
  const calls: string[] = [];
  const known: Record<string, Answer> = { ...SIGNED_IN, ...answers };
  vi.stubGlobal('fetch', async (input: Request | URL, init?: RequestInit) => {
    const request = input instanceof Request ? input : new Request(input, init);
    const url = new URL(request.url);
    const name = `${request.method} ${url.pathname}`;
    calls.push(name);
    const text = await request.text();
    const isJson = request.headers.get('Content-Type')?.includes('json') ?? false;
    const body = text === '' ? null : isJson ? JSON.parse(text) : text;
    const answer = await known[name]?.({ body, url, headers: request.headers });
    return respond(answer ?? refuse(404, 'not_found'));
  });
  return calls;
}

function respond(answer: unknown): Response {
  if (answer === 'nothing') return new Response(null, { status: 204 });
  if (typeof answer === 'object' && answer !== null && refusals.has(answer)) {
    const { status, code, errors, more } = answer as Refusal;
    return Response.json(
      { type: `/problems/${code}`, title: code, status, code, errors, ...more },
      { status },
    );
  }
  // What is no JSON, such as a picture.
  if (answer instanceof Response) return answer;
  return Response.json(answer);
}

import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { aCopy, anAccount, aSession } from '@/test/build';
import { pageOf, refuse, serve } from '@/test/server';
import { keys } from '../keys';
import { begin, reset } from '../session';
import type { Account, Copy, Page } from '../types';
import { Stream } from './stream';

/** The other end of the connection, in the hands of the test. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code = 1006): void {
    this.onclose?.({ code });
  }

  accept(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({
      data: JSON.stringify({ topic: '*', at: '2026-11-20T12:00:00Z', ...message }),
    });
  }
}

let queries: QueryClient;
let stream: Stream;

beforeEach(() => {
  FakeSocket.all = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  reset();
  begin(aSession());
  serve({ 'POST /api/v1/ws-tickets': () => ({ ticket: 'once', expires_in: 30 }) });
  queries = new QueryClient();
  queries.setQueryData(keys.accounts, pageOf(anAccount()));
  stream = new Stream(queries);
});

afterEach(() => stream.close());

async function connected(): Promise<FakeSocket> {
  const socket = await vi.waitFor(() => {
    const newest = FakeSocket.all.at(-1);
    if (!newest || newest.readyState === FakeSocket.OPEN) throw new Error('not yet');
    return newest;
  });
  socket.accept();
  return socket;
}

test('the ticket goes first, then the topics', async () => {
  stream.watch('account:account-1');
  stream.open();
  const socket = await connected();

  expect(socket.sent).toEqual([
    { type: 'auth', ticket: 'once' },
    {
      type: 'subscribe',
      topics: ['accounts', 'groups', 'copies', 'trades', 'alerts', 'stop', 'account:account-1'],
    },
  ]);
  expect(stream.state()).toBe('live');
});

test('a change reaches the cached list', async () => {
  stream.open();
  const socket = await connected();
  socket.say({ type: 'account.updated', seq: 1, data: anAccount({ balance: '99.5' }) });

  await vi.waitFor(() => {
    expect(queries.getQueryData<Page<Account>>(keys.accounts)?.items[0]?.balance).toBe('99.5');
  });
});

test.each([
  ['a gap', { type: 'account.presence', seq: 7, data: { account_id: 'x', online: true } }],
  ['a resync', { type: 'resync', seq: 2, data: {} }],
])('after %s the topics are asked for again and everything is read again', async (_, message) => {
  stream.open();
  const socket = await connected();
  socket.say({ type: 'account.presence', seq: 1, data: { account_id: 'x', online: true } });
  socket.say(message);

  expect(socket.sent).toHaveLength(3);
  expect(queries.getQueryState(keys.accounts)?.isInvalidated).toBe(true);
});

test('a lost connection is made again, and what was missed is read', async () => {
  stream.open();
  (await connected()).close();
  expect(stream.state()).toBe('offline');
  expect(queries.getQueryState(keys.accounts)?.isInvalidated).toBe(false);

  await connected();
  expect(stream.state()).toBe('live');
  expect(queries.getQueryState(keys.accounts)?.isInvalidated).toBe(true);
});

test('a connection on which nothing comes any more is made again', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  stream.open();
  const socket = await connected();
  vi.advanceTimersByTime(10_000);
  socket.say({ type: 'alive', seq: 1, data: {} });
  vi.advanceTimersByTime(10_000);
  expect(stream.state()).toBe('live');
  vi.advanceTimersByTime(16_000);
  expect(stream.state()).toBe('offline');

  const next = await connected();
  expect(queries.getQueryState(keys.accounts)?.isInvalidated).toBe(true);
  // What is dead may still speak; nobody listens.
  socket.say({ type: 'alerts.unread', seq: 9, data: { unread: 9 } });
  next.say({ type: 'alive', seq: 1, data: {} });
  expect(next.sent).toHaveLength(2);

  vi.advanceTimersByTime(3_000);
  window.dispatchEvent(new Event('online'));
  expect(stream.state()).toBe('live');
  vi.advanceTimersByTime(4_000);
  window.dispatchEvent(new Event('online'));
  expect(stream.state()).toBe('connecting');
  await connected();
});

async function refused(code: string): Promise<void> {
  const socket = await connected();
  socket.say({ type: 'refused', seq: 1, data: { code } });
  socket.close(1013);
}

test.each([
  'too_many_sockets',
  'rate_limited',
])('one page too many (%s) says so, and becomes live when another one has gone', async (code) => {
  stream.open();
  await refused(code);
  expect(stream.state()).toBe('crowded');

  window.dispatchEvent(new Event('online'));
  const socket = await connected();
  expect(stream.state()).toBe('crowded');
  socket.say({ type: 'alerts.unread', seq: 1, data: { unread: 0 } });
  expect(stream.state()).toBe('live');
});

test('who cannot reach the server any more is not told of too many pages', async () => {
  stream.open();
  await refused('too_many_sockets');
  window.dispatchEvent(new Event('online'));
  (await connected()).close();
  expect(stream.state()).toBe('offline');

  window.dispatchEvent(new Event('online'));
  await refused('too_many_sockets');
  expect(stream.state()).toBe('crowded');
  serve({ 'POST /api/v1/ws-tickets': () => refuse(404, 'not_found') });
  window.dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(stream.state()).toBe('offline'));
});

test('a topic that is refused leaves the others live', async () => {
  stream.open();
  const socket = await connected();
  socket.say({ type: 'refused', topic: 'account:gone', seq: 1, data: { code: 'not_found' } });
  expect(stream.state()).toBe('live');
});

test('an answer that was on its way when a message came brings nothing back for good', async () => {
  const closing = aCopy({ state: 'closing' });
  const answers: ((rows: Copy[]) => void)[] = [];
  const observer = new InfiniteQueryObserver(queries, {
    queryKey: [...keys.copies('account-2'), { states: ['open', 'closing'] }],
    queryFn: async () => pageOf(...(await new Promise<Copy[]>((answer) => answers.push(answer)))),
    initialPageParam: '',
    getNextPageParam: () => undefined,
  });
  const stop = observer.subscribe(() => undefined);
  const shown = () => observer.getCurrentResult().data?.pages[0]?.items.map(({ id }) => id);
  stream.open();
  const socket = await connected();
  answers[0]?.([closing]);
  await vi.waitFor(() => expect(shown()).toEqual([closing.id]));

  // Read again, before the copy closes; answered after it did.
  void queries.invalidateQueries({ queryKey: keys.copies('account-2') });
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  socket.say({ type: 'copy.updated', seq: 1, data: { ...closing, state: 'closed' } });
  await vi.waitFor(() => expect(shown()).toEqual([]));
  answers[1]?.([closing]);
  await vi.waitFor(() => expect(shown()).toEqual([closing.id]));

  await vi.waitFor(() => expect(answers).toHaveLength(3), { timeout: 20_000 });
  answers[2]?.([]);
  await vi.waitFor(() => expect(shown()).toEqual([]));
  stop();
});

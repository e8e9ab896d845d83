import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount, anAlert } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const follower = anAccount({ id: 'account-2', name: 'Follower one', copy_role: 'follower' });

function inbox(...items: ReturnType<typeof anAlert>[]) {
  return { ...pageOf(...items), unread: items.filter((alert) => alert.read_at === null).length };
}

test('an alert says what happened, what it means and what the terminal said', async () => {
  serve({
    'GET /api/v1/accounts': () => pageOf(follower),
    'GET /api/v1/alerts': () => inbox(anAlert({ times_seen: 3 })),
  });
  await open('/alerts');

  const list = await screen.findByRole('list', { name: 'Alerts' });
  await within(list).findByText(/Follower one refused a copy/);
  const item = within(list).getByRole('listitem');
  expect(item.textContent).toContain('Check margin, symbol and permission');
  expect(item.textContent).toContain('The terminal said: Not enough money');
  expect(item.textContent).toContain('BUY XAUUSD');
  expect(item.textContent).toContain('3 times since');
  expect(within(item).getByRole('link', { name: 'Show the copy' }).getAttribute('href')).toBe(
    '/copies/copy-1',
  );
  expect(within(item).getByRole('link', { name: 'To the account' }).getAttribute('href')).toBe(
    '/dashboard/account-2',
  );
});

test('an alert about several positions names them, and how many more there are', async () => {
  serve({
    'GET /api/v1/accounts': () => pageOf(follower),
    'GET /api/v1/alerts': () =>
      inbox(
        anAlert({
          kind: 'orphan_position',
          copy_id: null,
          detail: { tickets: '880001, 880002', count: '5' },
        }),
      ),
  });
  await open('/alerts');

  expect(await screen.findByText('#880001, #880002 and 3 more')).toBeDefined();
});

test('the bell counts what is unread and opens the inbox', async () => {
  serve({ 'GET /api/v1/alerts': () => inbox(anAlert(), anAlert({ id: 'b' })) });
  const { user } = await open('/accounts');

  await user.click(await screen.findByRole('button', { name: 'Alerts, 2 unread' }));

  const drawer = await screen.findByRole('dialog', { name: 'Alerts' });
  expect(await within(drawer).findAllByRole('listitem')).toHaveLength(2);
});

test('one alert is marked as read, and then it is not counted', async () => {
  let alert = anAlert();
  serve({
    'GET /api/v1/alerts': () => inbox(alert),
    'POST /api/v1/alerts/alert-1/read': () => {
      alert = anAlert({ read_at: '2026-11-20T12:05:00Z' });
      return alert;
    },
  });
  const { user } = await open('/alerts');

  await user.click(await screen.findByRole('button', { name: 'Mark as read' }));

  await screen.findByRole('button', { name: 'Alerts, none unread' });
  expect(screen.queryByRole('button', { name: 'Mark as read' })).toBeNull();
});

test('all are marked as read as far as they are shown', async () => {
  const readAll = vi.fn<Answer>(() => ({ unread: 1 }));
  const newest = anAlert({ id: 'newest', last_at: '2026-11-20T12:09:00Z' });
  serve({
    'GET /api/v1/alerts': () => inbox(newest, anAlert()),
    'POST /api/v1/alerts/read-all': readAll,
  });
  const { user } = await open('/alerts');

  await screen.findByRole('list', { name: 'Alerts' });
  await user.click(screen.getByRole('button', { name: 'Mark all as read' }));

  await vi.waitFor(() =>
    expect(readAll.mock.calls[0]?.[0].body).toEqual({ until: '2026-11-20T12:09:00Z' }),
  );
});

test('only the unread ones are asked for, and an empty list says why', async () => {
  serve({
    'GET /api/v1/alerts': ({ url }) =>
      url.searchParams.get('unread') === 'true'
        ? inbox()
        : inbox(anAlert({ read_at: '2026-11-20T12:05:00Z' })),
  });
  const { user } = await open('/alerts');

  await user.click(await screen.findByRole('button', { name: 'Unread' }));

  expect(await screen.findByText('Nothing unread')).toBeDefined();
});

test('an inbox that cannot be loaded offers a retry', async () => {
  serve({ 'GET /api/v1/alerts': () => refuse(503, 'unavailable') });
  await open('/alerts');

  expect((await screen.findByRole('alert')).textContent).toContain('cannot reach its database');
  expect(screen.getByRole('button', { name: 'Try again' })).toBeDefined();
});

test('a condition that is over says so, in Thai for a Thai reader', async () => {
  const alert = anAlert({
    kind: 'follower_offline',
    severity: 'critical',
    copy_id: null,
    detail: { account: 'Follower one', open_copies: '3' },
    resolved_at: '2026-11-20T12:03:00Z',
  });
  serve({ 'GET /api/v1/alerts': () => inbox(alert) });
  await open('/alerts', 'th');

  expect(await screen.findByText(/Follower one ไม่ได้เชื่อมต่อ/)).toBeDefined();
  expect(screen.getByText(/คัดลอกเปิดค้างอยู่ 3 รายการ/)).toBeDefined();
  expect(screen.getByText(/กลับเป็นปกติเองแล้วเมื่อ/)).toBeDefined();
});

test('what is listed again is told apart: a trade, a copy, or the trade that a copy was of', async () => {
  const again = (id: string, changes: Parameters<typeof anAlert>[0]) =>
    anAlert({ id, kind: 'ticket_reopened', detail: {}, ...changes });
  serve({
    'GET /api/v1/accounts': () => pageOf(follower),
    'GET /api/v1/alerts': () =>
      inbox(
        again('trade', { copy_id: null }),
        again('copy', { detail: { reason: 'late_evidence' } }),
        again('led', {}),
        anAlert({ id: 'pair', kind: 'stop_out', detail: { is_partner: 'true' } }),
      ),
  });
  await open('/alerts');
  const list = await screen.findByRole('list', { name: 'Alerts' });
  const said = within(list)
    .getAllByRole('listitem')
    .map(({ textContent }) => textContent);
  expect(said[0]).toContain('Look in the terminal of Follower one whether it is really open');
  expect(said[1]).toContain('A closed copy turns out to be open');
  expect(said[1]).toContain('It is followed again');
  expect(said[2]).toContain('for which the copy in Follower one was closed');
  expect(said[3]).toContain('The other side of a pair was stopped out');
});

test('a key that fails is told in the words of the exchange, and leads to the connections', async () => {
  const detail = { account: 'Coins', fault: 'wrong_key', text: 'apiKey not exist' };
  serve({
    'GET /api/v1/alerts': () => ({
      ...pageOf(anAlert({ kind: 'exchange_key_failed', copy_id: null, detail })),
      unread: 1,
    }),
  });
  await open('/alerts');
  expect(await screen.findByText('The exchange key of Coins does not work')).toBeDefined();
  expect(screen.getByText(/The exchange says: apiKey not exist\./)).toBeDefined();
  const link = screen.getByRole('link', { name: 'To the connections' });
  expect(link.getAttribute('href')).toBe('/connections');
});

test('closes that fail and clocks that differ are told with the words and the seconds', async () => {
  serve({
    'GET /api/v1/alerts': () => ({
      ...pageOf(
        anAlert({
          id: 'closes',
          kind: 'protection_failing',
          copy_id: null,
          detail: { account: 'Coins', times: '3', text: 'close too small' },
        }),
        anAlert({
          id: 'clock',
          kind: 'exchange_clock_off',
          copy_id: null,
          account_id: null,
          detail: { environment: 'live', seconds: '60.0' },
        }),
      ),
      unread: 2,
    }),
  });
  await open('/alerts');
  expect(await screen.findByText('Closes in Coins do not get through')).toBeDefined();
  expect(screen.getByText(/The exchange says: close too small\./)).toBeDefined();
  expect(screen.getByRole('link', { name: 'To the connections' })).toBeDefined();
  expect(screen.getByText(/They are 60\.0 s apart\./)).toBeDefined();
});

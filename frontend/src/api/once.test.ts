import { renderHook } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { aGroup, aSession } from '@/test/build';
import { refuse, serve } from '@/test/server';
import { client, unwrap } from './client';
import { type Once, Presses, useOnce } from './once';
import { begin, reset } from './session';

/** A form that makes groups, how the server answers next, and the keys that it was sent. */
function form() {
  const keys: (string | null)[] = [];
  const next: (() => unknown)[] = [];
  serve({
    'POST /api/v1/groups': ({ headers }) => {
      keys.push(headers.get('Idempotency-Key'));
      return (next.shift() ?? aGroup)();
    },
  });
  const { result, rerender } = renderHook(
    ({ place }) =>
      useOnce(place, (headers: Once, name: string) =>
        unwrap(client.POST('/api/v1/groups', { body: { name }, headers })),
      ),
    { initialProps: { place: 'account-1' } },
  );
  const press = (name: string) => result.current(name).then(String, String);
  const moveTo = (place: string) => rerender({ place });
  return { keys, next, press, moveTo, forget: () => result.current.forget() };
}

const lost = () => {
  throw new TypeError('failed to fetch');
};

beforeEach(() => {
  reset();
  begin(aSession());
});

test('a write whose answer was lost is repeated with its key, and the next press has another', async () => {
  const { keys, next, press } = form();
  next.push(
    lost,
    () => refuse(409, 'request_in_progress'),
    () => refuse(503, 'busy'),
  );

  for (let attempt = 0; attempt < 4; attempt++) await press('Funded');
  await press('Funded');
  expect(keys[0]).toMatch(/^[!-~]{1,128}$/);
  expect(keys.slice(0, 4)).toEqual(Array(4).fill(keys[0]));
  expect(keys[4]).not.toBe(keys[0]);
});

test('what is sent otherwise, or was refused, or is from another form, has a key of its own', async () => {
  const { keys, next, press } = form();
  next.push(lost, () => refuse(409, 'already_done'), lost, aGroup, lost);

  // Lost; the same is answered; again, lost; another is done; again the first.
  for (const name of ['A', 'A', 'A', 'B', 'A']) await press(name);
  expect(keys[1]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(4);

  const another = form();
  await another.press('A');
  expect(another.keys).toHaveLength(1);
  expect(keys).not.toContain(another.keys[0]);
});

test('the same for another account is something else', async () => {
  const { keys, next, press, moveTo } = form();
  next.push(lost, lost);
  await press('A');
  moveTo('account-2');
  await press('A');
  expect(new Set(keys).size).toBe(2);
});

test('a form that was cancelled sends what was lost before as something new', async () => {
  const { keys, next, press, forget } = form();
  next.push(lost);
  await press('A');
  forget();
  await press('A');
  expect(new Set(keys).size).toBe(2);
});

test('a request that is repeated with a new token keeps its key', async () => {
  const { keys, next, press } = form();
  next.push(() => refuse(401, 'unauthenticated'));
  await press('A');
  expect(keys).toHaveLength(2);
  expect(keys[1]).toBe(keys[0]);
});

test('files are told apart, passwords are not', async () => {
  const presses = new Presses();
  const keys: string[] = [];
  const send = (what: unknown) =>
    presses
      .send('trade-1', what, async (once) => {
        keys.push(once['Idempotency-Key']);
        return lost();
      })
      .catch(() => null);
  const file = (name: string) => new File(['content'], name, { lastModified: 1 });

  await send({ file: file('a.csv') });
  await send({ file: file('b.csv') });
  await send({ file: file('a.csv') });
  await send({ name: 'Bot', password: 'correct horse' });
  await send({ name: 'Bot', password: 'correct house' });
  expect([keys[2], keys[4]]).toEqual([keys[0], keys[3]]);
  expect(new Set(keys).size).toBe(3);
});

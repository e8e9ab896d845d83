import { beforeEach, expect, test } from 'vitest';
import { anAccount, aSession } from '@/test/build';
import { pageOf, refuse, serve } from '@/test/server';
import { client, unwrap } from './client';
import { ApiError } from './problem';
import { begin, reset, sessionState } from './session';

const accounts = () => unwrap(client.GET('/api/v1/accounts'));
const REFRESH = 'POST /api/v1/auth/refresh';

beforeEach(reset);

test('calls at the same time share one renewal', async () => {
  const calls = serve({ 'GET /api/v1/accounts': () => pageOf(anAccount()) });

  await Promise.all([accounts(), accounts(), accounts()]);

  expect(calls.filter((call) => call === REFRESH)).toHaveLength(1);
});

test('a token refused early is renewed once, and the call repeated', async () => {
  begin(aSession());
  let asked = 0;
  const calls = serve({
    'GET /api/v1/accounts': () =>
      asked++ === 0 ? refuse(401, 'unauthenticated') : pageOf(anAccount()),
  });

  expect((await accounts()).items).toHaveLength(1);
  expect(calls).toEqual(['GET /api/v1/accounts', REFRESH, 'GET /api/v1/accounts']);
});

test('a renewal that brings the session of somebody else ends this one', async () => {
  begin(aSession());
  const calls = serve({
    'GET /api/v1/accounts': () => refuse(401, 'unauthenticated'),
    [REFRESH]: () => aSession({ id: '0193-other' }),
  });

  await expect(accounts()).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(sessionState()).toEqual({ status: 'signed_out', because: 'left' });
  expect(calls).toEqual(['GET /api/v1/accounts', REFRESH]);
});

test('a token refused twice ends the session', async () => {
  begin(aSession());
  serve({ 'GET /api/v1/accounts': () => refuse(401, 'unauthenticated') });

  await expect(accounts()).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
  expect(sessionState()).toEqual({ status: 'signed_out', because: 'expired' });
});

test('a server that does not answer ends no session', async () => {
  begin(aSession());
  serve({
    'GET /api/v1/accounts': () => {
      throw new TypeError('failed to fetch');
    },
  });

  const error = await accounts().catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: 'unreachable', isPassing: true });
  expect(sessionState().status).toBe('signed_in');
});

test('a problem keeps its code and its fields', async () => {
  begin(aSession());
  const faults = [{ field: 'limit', code: 'out_of_range', detail: 'use 1 to 200' }];
  serve({ 'GET /api/v1/accounts': () => refuse(422, 'invalid', faults) });

  await expect(accounts()).rejects.toMatchObject({
    code: 'invalid',
    fields: faults,
    isPassing: false,
  });
});

import createClient from 'openapi-fetch';
import { ApiError, errorOf } from './problem';
import type { paths } from './schema.gen';
import { accessToken, end, renew, sessionState } from './session';

/** Calls that carry the refresh cookie or nothing, never the access token. */
const WITHOUT_TOKEN = /^\/api\/v1\/(auth\/|shared\/|status$)/;

/** Typed calls of the API. Pass the answer through {@link unwrap}. */
export const client = createClient<paths>({ baseUrl: location.origin, fetch: authorised });

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of an answer; rejects with an {@link ApiError} otherwise. */
export async function unwrap<Data>(call: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await reached(call);
  if (!response.ok || data === undefined || data === null) throw errorOf(response, error);
  return data;
}

/** As {@link unwrap}, for answers without a body. */
export async function done(call: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await reached(call);
  if (!response.ok) throw errorOf(response, error);
}

async function reached<Data>(call: Promise<Answer<Data>>): Promise<Answer<Data>> {
  try {
    return await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('unreachable', 0, 'The server did not answer.');
  }
}

async function authorised(request: Request): Promise<Response> {
  if (WITHOUT_TOKEN.test(new URL(request.url).pathname)) return fetch(request);
  const again = request.clone();
  const response = await withToken(request, await accessToken());
  if (response.status !== 401) return response;
  // The token may have been revoked early, or the clock is off: one renewal decides.
  if (sessionState().status !== 'signed_in' || (await renew()) === null) return response;
  const second = await withToken(again, await accessToken());
  if (second.status === 401) end('expired');
  return second;
}

function withToken(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`);
  return fetch(request);
}

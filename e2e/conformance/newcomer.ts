import { newUser, type User } from '../steps.ts';
import type { World } from '../world/world.ts';
import type { Pass } from './schemathesis.ts';

/** Whoever signed up a moment ago, to be thrown away. */
interface Newcomer {
  user: User;
  authorization: string;
  /** The cookie that continues the session. */
  cookie: string;
}

/** Each ends what asks: so each asks as somebody who has nothing else to ask. */
export async function passesOfNewcomers(world: World): Promise<Pass[]> {
  const [writer, mover, leaver] = [await arrive(world), await arrive(world), await arrive(world)];
  const [roamer, loser] = [await arrive(world), await arrive(world)];
  const [stayer, outgoing] = [await arrive(world), await arrive(world)];
  return [
    signedIn('change_password', writer, { 'body.current_password': writer.user.password }),
    signedIn('change_email', mover, { 'body.password': mover.user.password }),
    signedIn('end_session', roamer, { 'path.session_id': await elsewhere(world, roamer) }),
    signedIn('erase_me', leaver, { 'body.password': leaver.user.password }),
    {
      ...only('reset_password'),
      values: { 'body.token': await resetToken(world, loser) },
    },
    { ...only('refresh_session'), headers: { Cookie: stayer.cookie } },
    { ...only('logout'), headers: { Cookie: outgoing.cookie } },
  ];
}

function only(operation: string): Pass {
  return { name: operation, chosen: ['--include-operation-id', operation] };
}

function signedIn(operation: string, { authorization }: Newcomer, values: Pass['values']): Pass {
  return { ...only(operation), headers: { Authorization: authorization }, values: values ?? {} };
}

async function arrive(world: World): Promise<Newcomer> {
  const user = newUser();
  const answer = await post(world, 'register', user);
  const [cookie = ''] = answer.headers.getSetCookie();
  return { user, authorization: await bearer(answer), cookie: cookie.split(';')[0] ?? '' };
}

/** The session of another device. */
async function elsewhere(world: World, { user, authorization }: Newcomer): Promise<string> {
  const { email, password } = user;
  await post(world, 'login', { email, password });
  const headers = { authorization };
  const answer = await fetch(`${world.origin}/api/v1/me/sessions`, { headers });
  const { items } = (await answer.json()) as { items: { id: string; is_current: boolean }[] };
  return items.find(({ is_current }) => !is_current)?.id ?? '';
}

async function resetToken(world: World, { user }: Newcomer): Promise<string> {
  await post(world, 'forgot', { email: user.email });
  return new URL(await world.linkTo(user.email, 'reset_password')).hash.slice(1);
}

async function bearer(answer: Response): Promise<string> {
  const { access_token } = (await answer.json()) as { access_token: string };
  return `Bearer ${access_token}`;
}

async function post(world: World, what: string, body: object): Promise<Response> {
  const answer = await fetch(`${world.origin}/api/v1/auth/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${what}: ${await answer.text()}`);
  return answer;
}

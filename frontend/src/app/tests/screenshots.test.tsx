import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount, aSession, aTrade } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

const PLACE = '/api/v1/trades/trade-1/screenshots';

function serveShots(count: number, answers = {}) {
  let items = Array.from({ length: count }, (_, at) => aShot(at + 1));
  return serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades/trade-1': () => aTrade({ id: 'trade-1' }),
    [`GET ${PLACE}`]: () => ({ items }),
    [`POST ${PLACE}`]: () => {
      items = [...items, aShot(items.length + 1)];
      return items.at(-1);
    },
    [`DELETE ${PLACE}/shot-1`]: () => {
      items = items.slice(1);
      return 'nothing';
    },
    ...Object.fromEntries(
      Array.from({ length: 8 }, (_, at) => [
        `GET ${PLACE}/shot-${at + 1}`,
        () => new Response('picture', { headers: { 'Content-Type': 'image/png' } }),
      ]),
    ),
    ...answers,
  });
}

function aShot(at: number) {
  return {
    id: `shot-${at}`,
    media_type: 'image/png',
    bytes: 7,
    created_at: '2026-11-20T12:00:00Z',
  };
}

const aFile = (name: string, type: string, size = 7) =>
  new File([new Uint8Array(size)], name, { type });

function paste(...files: File[]): void {
  fireEvent.paste(document.body, { clipboardData: { files, types: ['Files'] } });
}

test('screenshots are pasted, checked, looked at and deleted', async () => {
  let made = 0;
  const revoked: string[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation(() => `blob:${++made}`);
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation((address) => void revoked.push(address));
  const calls = serveShots(0);
  const { user } = await open('/trades?trade=trade-1');
  const section = await screen.findByRole('region', { name: 'Screenshots' });
  await within(section).findByText('No screenshots yet');

  paste(
    aFile('entry.png', 'image/png'),
    aFile('notes.gif', 'image/gif'),
    aFile('huge.webp', 'image/webp', 5 * 1024 * 1024 + 1),
    aFile('exit.jpg', 'image/jpeg'),
  );
  const alert = await within(section).findByRole('alert');
  expect(alert.textContent).toContain('notes.gif is neither PNG, JPEG nor WebP.');
  expect(alert.textContent).toContain('huge.webp is larger than 5 MiB.');
  await within(section).findByRole('img', { name: 'Screenshot 2 of 2' });
  expect(calls.filter((call) => call === `POST ${PLACE}`)).toHaveLength(2);

  await user.click(within(section).getByRole('button', { name: 'Open screenshot 1' }));
  await screen.findByRole('dialog', { name: 'Screenshot 1 of 2' });
  await user.keyboard('{ArrowRight}');
  await screen.findByRole('dialog', { name: 'Screenshot 2 of 2' });
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog', { name: /^Screenshot/ })).toBeNull());
  expect(screen.getByRole('dialog', { name: 'Trade' })).toBeDefined();

  await user.click(within(section).getByRole('button', { name: 'Delete screenshot 1' }));
  const question = await screen.findByRole('dialog', { name: 'Delete this screenshot?' });
  expect(calls).not.toContain(`DELETE ${PLACE}/shot-1`);
  await user.click(within(question).getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(within(section).getAllByRole('img')).toHaveLength(1));

  await user.click(screen.getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(new Set(revoked).size).toBe(made));
});

test('a picture that was lost, came all the same and was deleted can be added again', async () => {
  const keys: (string | null)[] = [];
  let items = [aShot(1)];
  serveShots(1, {
    [`GET ${PLACE}`]: () => ({ items }),
    [`POST ${PLACE}`]: ({ headers }: { headers: Headers }) => {
      keys.push(headers.get('Idempotency-Key'));
      items = [aShot(1), aShot(2)];
      throw new TypeError('failed to fetch');
    },
    [`DELETE ${PLACE}/shot-2`]: () => {
      items = [aShot(1)];
      return 'nothing';
    },
  });
  const { user } = await open('/trades?trade=trade-1');
  const section = within(await screen.findByRole('region', { name: 'Screenshots' }));
  const file = aFile('entry.png', 'image/png');
  await section.findByRole('img', { name: 'Screenshot 1 of 1' });

  paste(file);
  await section.findByRole('img', { name: 'Screenshot 2 of 2' });
  await section.findByRole('alert');
  paste(file);
  await section.findByRole('alert');
  await user.click(section.getByRole('button', { name: 'Delete screenshot 2' }));
  const question = await screen.findByRole('dialog', { name: 'Delete this screenshot?' });
  await user.click(within(question).getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(section.getAllByRole('img')).toHaveLength(1));
  paste(file);
  await waitFor(() => expect(keys).toHaveLength(3));
  expect(keys[0]).toBeTruthy();
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
});

test('pictures chosen for a new trade follow it, and what was refused is sent again alone', async () => {
  const sent = vi.fn<Answer>(() => aShot(1));
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  sent.mockImplementationOnce(async () => {
    await arrived;
    return refuse(422, 'invalid', [{ field: 'file', code: 'quota', detail: '' }]);
  });
  const create = vi.fn<Answer>(() => aTrade({ id: 'trade-1', source: 'manual' }));
  serveShots(0, { 'POST /api/v1/trades': create, [`POST ${PLACE}`]: sent });
  const { user } = await open('/trades');
  await user.click((await screen.findAllByRole('button', { name: 'Add trade' }))[0] as HTMLElement);
  const form = within(await screen.findByRole('dialog', { name: 'Add a trade' }));

  const files = ['out.png', 'entry.png', 'exit.png'].map((name) => aFile(name, 'image/png'));
  const input = form.getByLabelText('Add screenshots', { selector: 'input' });
  fireEvent.change(input, { target: { files: [...files, aFile('notes.gif', 'image/gif')] } });
  await form.findByRole('img', { name: 'Screenshot 3 of 3' });
  expect(form.getByText('notes.gif is neither PNG, JPEG nor WebP.')).toBeDefined();
  await user.click(form.getByRole('button', { name: 'Remove screenshot 1' }));
  await user.type(form.getByLabelText('Symbol'), 'SPY');
  await user.type(form.getByLabelText('Quantity'), '2');
  await user.type(form.getByLabelText('Entry price'), '2.50');
  expect(sent).not.toHaveBeenCalled();
  await user.click(form.getByRole('button', { name: 'Add trade' }));
  await waitFor(() => expect(sent).toHaveBeenCalled());
  await user.click(form.getByRole('button', { name: 'Cancel' }));
  await user.keyboard('{Escape}');
  arrive();

  await form.findByText(/^entry.png does not fit/);
  expect(form.getByText(/^The trade is added, these screenshots are not yet/)).toBeDefined();
  expect(sent).toHaveBeenCalledTimes(2);
  await form.findByRole('img', { name: 'Screenshot 1 of 1' });
  await user.click(form.getByRole('button', { name: 'Send again' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sent).toHaveBeenCalledTimes(3);
  expect(create).toHaveBeenCalledTimes(1);
});

test('what the server refuses is told, and no more than eight are sent', async () => {
  const fields = [{ field: 'file', code: 'quota', detail: '' }];
  const calls = serveShots(7, { [`POST ${PLACE}`]: () => refuse(422, 'invalid', fields) });
  await open('/trades?trade=trade-1');
  const input = await screen.findByLabelText('Add screenshots', { selector: 'input' });

  const files = [aFile('eighth.png', 'image/png'), aFile('ninth.png', 'image/png')];
  fireEvent.change(input, { target: { files } });

  await screen.findByText(/^eighth.png does not fit/);
  expect(screen.getByText(/^ninth.png is one too many/)).toBeDefined();
  expect(calls.filter((call) => call === `POST ${PLACE}`)).toHaveLength(1);
});

test('who may only look sees the pictures and nothing else', async () => {
  const session = aSession({ role: 'viewer' });
  const calls = serveShots(1, { 'POST /api/v1/auth/refresh': () => session });
  await open('/trades?trade=trade-1');

  await screen.findByRole('img', { name: 'Screenshot 1 of 1' });
  paste(aFile('entry.png', 'image/png'));
  expect(screen.queryByRole('button', { name: 'Add screenshots' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Delete screenshot 1' })).toBeNull();
  expect(calls).not.toContain(`POST ${PLACE}`);
});

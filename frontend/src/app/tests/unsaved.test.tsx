import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount, aSubscription, aTrade } from '@/test/build';
import { open } from '@/test/render';
import { pageOf, serve } from '@/test/server';

type User = Awaited<ReturnType<typeof open>>['user'];

const QUESTION = { name: 'Leave without saving?' };

async function answer(user: User, verb: string) {
  const question = await screen.findByRole('dialog', QUESTION);
  await user.click(within(question).getByRole('button', { name: verb }));
  await vi.waitFor(() => expect(screen.queryByRole('dialog', QUESTION)).toBeNull());
}

function serveTrade() {
  const trade = aTrade();
  return serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': () => pageOf(trade),
    'GET /api/v1/trades/trade-1': () => trade,
  });
}

test('a slip of the hand closes no form with something typed in it, and its button asks', async () => {
  serveTrade();
  const { user } = await open('/trades');
  const [add] = await screen.findAllByRole('button', { name: 'Add trade' });
  await user.click(add as HTMLElement);
  const form = () => screen.findByRole('dialog', { name: 'Add a trade' });
  await form();
  await user.keyboard('{Escape}');
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());

  await user.click(add as HTMLElement);
  await user.type(within(await form()).getByLabelText('Notes'), 'Long story');
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog', QUESTION)).toBeNull();
  await user.click(within(await form()).getByRole('button', { name: 'Close' }));
  await answer(user, 'Go on editing');
  const notes = within(await form()).getByLabelText<HTMLTextAreaElement>('Notes');
  expect(notes.value).toBe('Long story');
  await user.click(within(await form()).getByRole('button', { name: 'Close' }));
  await answer(user, 'Discard it');
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('notes beside a trade are asked about once, though closing it changes the address', async () => {
  serveTrade();
  const { user, path } = await open('/trades?trade=trade-1');
  const drawer = () => screen.findByRole('dialog', { name: 'Trade' });
  await user.type(await within(await drawer()).findByLabelText('Notes'), 'Long story');
  await user.keyboard('{Escape}');
  expect(path()).toBe('/trades?trade=trade-1');
  await user.click(within(await drawer()).getByRole('button', { name: 'Close' }));
  await answer(user, 'Discard it');
  await vi.waitFor(() => expect(path()).toBe('/trades'));
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('a page with something typed in it is not left unasked, nor is its form changed for another', async () => {
  const follower = anAccount({ id: 'account-2', name: 'Follower one', copy_role: 'follower' });
  const other = { id: 'subscription-2', master_name: 'Silver master' };
  serve({
    'GET /api/v1/accounts': () => pageOf(follower),
    'GET /api/v1/accounts/account-2': () => follower,
    'GET /api/v1/accounts/account-2/copies': () => pageOf(),
    'GET /api/v1/accounts/account-2/subscriptions': () =>
      pageOf(aSubscription(), aSubscription(other)),
  });
  const { user, path } = await open('/dashboard/account-2?tab=settings');
  const form = within(await screen.findByRole('form', { name: 'Copy settings for Gold master' }));
  await user.type(form.getByLabelText('Never these symbols'), 'BTCUSD');

  await user.click(screen.getByRole('tab', { name: 'Not copied' }));
  await answer(user, 'Go on editing');
  expect(path()).toBe('/dashboard/account-2?tab=settings');
  const typed = form.getByLabelText<HTMLTextAreaElement>('Never these symbols');
  expect(typed.value).toBe('BTCUSD');
  await user.selectOptions(screen.getByLabelText('Settings for'), 'subscription-2');
  await answer(user, 'Discard it');
  await screen.findByRole('form', { name: 'Copy settings for Silver master' });
  await user.click(screen.getByRole('tab', { name: 'Not copied' }));
  await vi.waitFor(() => expect(path()).toBe('/dashboard/account-2?tab=missed'));
});

test('a form that was opened by its address leaves it unasked once it is closed on purpose', async () => {
  serveTrade();
  const { user, path } = await open('/trades?add=true');
  const form = within(await screen.findByRole('dialog', { name: 'Add a trade' }));
  await user.type(form.getByLabelText('Notes'), 'Long story');
  await user.click(form.getByRole('button', { name: 'Cancel' }));
  await vi.waitFor(() => expect(path()).toBe('/trades'));
  expect(screen.queryByRole('dialog')).toBeNull();
});

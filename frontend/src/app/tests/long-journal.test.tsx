import { act, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { anAccount, aTrade } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, refuse, serve } from '@/test/server';

/** Of a busy page: it hears in one go that something was far away, and that it is near. */
class BusyObserver {
  #isOver = false;

  constructor(private readonly tell: IntersectionObserverCallback) {}

  observe() {
    setTimeout(() => {
      if (!this.#isOver) act(() => this.tell([heard(false), heard(true)], this as never));
    });
  }

  unobserve() {}

  disconnect() {
    this.#isOver = true;
  }
}

function heard(isIntersecting: boolean): IntersectionObserverEntry {
  return { isIntersecting, boundingClientRect: { height: 1_800 } } as IntersectionObserverEntry;
}

vi.stubGlobal('IntersectionObserver', BusyObserver);
vi.stubGlobal('scrollY', 900);

const row = (place: number) => aTrade({ id: `trade-${place}`, symbol: `S${place}` });

function serveTrades(list: Answer) {
  serve({ 'GET /api/v1/accounts': () => pageOf(anAccount()), 'GET /api/v1/trades': list });
}

test('the next page comes also after reading it was cut off, and can be tried again where it failed', async () => {
  const asked = (place: number): number =>
    list.mock.calls.filter(([{ url }]) => url.searchParams.get('cursor') === String(place)).length;
  const list = vi.fn<Answer>(({ url }) => {
    const place = Number(url.searchParams.get('cursor') ?? 0);
    if (place === 2 && asked(2) === 1) return new Promise(() => undefined);
    if (place === 3 && asked(3) === 1) return refuse(503, 'busy');
    return { items: [row(place)], next_cursor: place === 3 ? null : String(place + 1) };
  });
  serveTrades(list);
  const { user, queries } = await open('/trades');

  await vi.waitFor(() => expect(asked(2)).toBe(1), { timeout: 60_000 });
  void queries.invalidateQueries();
  const again = await screen.findByRole('button', { name: 'Try again' });
  expect(screen.getByText('S2')).toBeDefined();
  expect(screen.getByText('The server is busy. Try again in a moment.')).toBeDefined();
  expect(asked(3)).toBe(1);

  await user.click(again);
  expect(await screen.findByText('4 trades')).toBeDefined();
  expect(screen.getByText('S3')).toBeDefined();
});

test('rows far down are drawn where a busy page hears late of them, and the focus stays where it is', async () => {
  const held: (() => void)[] = [];
  const rows = Array.from({ length: 255 }, (_, place) => row(place));
  serveTrades(async ({ url }) => {
    if (!url.searchParams.has('cursor')) return { items: rows.slice(0, 200), next_cursor: 'more' };
    await new Promise<void>((answer) => held.push(answer));
    return pageOf(...rows.slice(200));
  });
  await open('/trades');
  const focused = await screen.findByText('S7');
  focused.focus();
  await vi.waitFor(() => expect(held).toHaveLength(1), { timeout: 60_000 });
  held[0]?.();

  expect(await screen.findByText('255 trades')).toBeDefined();
  expect(await screen.findByText('S254')).toBeDefined();
  expect(document.activeElement).toBe(focused);
});

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { LanguageProvider, prepareTexts } from '@/lib/i18n/provider';
import { aTrade } from '@/test/build';
import { type Answer, refuse, serve } from '@/test/server';
import { type Chosen, SelectionBar } from './components/selection';

const MANY = Array.from({ length: 501 }, (_, place) =>
  aTrade({ id: `trade-${place}`, source: 'manual' }),
);

function Bar() {
  const [chosen, setChosen] = useState<Chosen>(new Set(MANY.map(({ id }) => id)));
  return <SelectionBar chosen={chosen} onChange={setChosen} rows={MANY} />;
}

async function show() {
  await prepareTexts('pages', 'journal');
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LanguageProvider>
        <Bar />
      </LanguageProvider>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const idsOf = (asked: Parameters<Answer>[0]) => (asked.body as { ids: string[] }).ids;

test('more than one request takes go in pieces, and what was left alone is told', async () => {
  const remove = vi.fn<Answer>((asked) => {
    const skipped = idsOf(asked).length === 1 ? 1 : 0;
    return { changed: idsOf(asked).length - skipped, skipped };
  });
  serve({ 'POST /api/v1/trades/delete': remove });
  const user = await show();

  await user.click(screen.getByRole('button', { name: 'Delete' }));
  const dialog = await screen.findByRole('dialog', { name: 'Delete 501 trades?' });
  await user.click(within(dialog).getByRole('button', { name: 'Delete' }));

  expect(await screen.findByText('500 trades were deleted. 1 was left as it is.')).toBeDefined();
  expect(remove.mock.calls.map(([asked]) => idsOf(asked).length)).toEqual([500, 1]);
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await user.click(screen.getByRole('button', { name: 'Close' }));
  expect(screen.queryByText(/were deleted/)).toBeNull();
});

test('a piece that is refused is told, and the choice stays', async () => {
  const tag = vi.fn<Answer>((asked) =>
    idsOf(asked).length === 1 ? refuse(503, 'busy') : { changed: 500, skipped: 0 },
  );
  serve({ 'POST /api/v1/trades/tag': tag });
  const user = await show();

  await user.click(screen.getByRole('button', { name: 'Tag' }));
  const dialog = await screen.findByRole('dialog', { name: 'Tag 501 trades' });
  await user.type(within(dialog).getByLabelText('Add these tags'), 'gap');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));

  expect(await within(dialog).findByRole('alert')).toBeDefined();
  expect(tag.mock.calls.map(([asked]) => (asked.body as { add: string[] }).add)).toEqual([
    ['gap'],
    ['gap'],
  ]);
  expect(screen.getByText('501 trades chosen')).toBeDefined();
});

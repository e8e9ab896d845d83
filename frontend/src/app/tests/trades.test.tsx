import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { Stream } from '@/api/stream/stream';
import { anAccount, aTrade } from '@/test/build';
import { open } from '@/test/render';
import { type Answer, pageOf, serve } from '@/test/server';

const CLOSED = aTrade({
  status: 'closed',
  exit_price: '2040.5',
  exit_at: '2026-11-20T13:30:00Z',
  pnl: '200',
  pnl_source: 'broker',
  mae: '-35',
  mfe: '220',
  executions: [
    { side: 'BUY', quantity: '0.2', price: '2030.5', at: '2026-11-20T12:00:00Z', fees: '0' },
    { side: 'SELL', quantity: '0.2', price: '2040.5', at: '2026-11-20T13:30:00Z', fees: '0' },
  ],
});

function serveTrades(list: Answer = () => pageOf(CLOSED)) {
  return serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': list,
    'GET /api/v1/trades/trade-1': () => CLOSED,
  });
}

test('what open trades would bring stays fresh while they are shown, that of closed ones is not asked for', async () => {
  const watch = vi.spyOn(Stream.prototype, 'watch');
  serveTrades(() => pageOf(aTrade(), aTrade({ ...CLOSED, id: 'other', account_id: 'account-2' })));
  await open('/trades');
  await screen.findAllByRole('button', { name: 'XAUUSD' });

  await vi.waitFor(() => expect(watch).toHaveBeenCalledWith('prices:account-1'));
  expect(watch).not.toHaveBeenCalledWith('prices:account-2');
});

test('filters are told in the address and asked of the server', async () => {
  const list = vi.fn<Answer>(() => pageOf(CLOSED));
  serveTrades(list);
  const { user, path } = await open('/trades');

  await user.selectOptions(await screen.findByLabelText('Source'), 'EA');
  await user.selectOptions(screen.getByLabelText('Status'), 'Closed');
  await user.type(screen.getByLabelText('Symbol'), 'XAUUSD{Enter}');

  await vi.waitFor(() => expect(path()).toBe('/trades?source=ea&status=closed&symbol=XAUUSD'));
  await vi.waitFor(() => {
    const asked = Object.fromEntries(list.mock.lastCall?.[0].url.searchParams ?? []);
    expect(asked).toEqual({ limit: '100', source: 'ea', status: 'closed', symbol: 'XAUUSD' });
  });
});

test('what was traded before is suggested where a symbol is asked for', async () => {
  const symbols = vi.fn<Answer>(() => ({ items: ['MNQZ6', 'AAPL'] }));
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades/symbols': symbols,
  });
  const { user } = await open('/trades');
  const suggestedBy = (field: HTMLElement) => {
    const list = document.getElementById(field.getAttribute('list') ?? '');
    return Array.from(list?.querySelectorAll('option') ?? [], ({ value }) => value);
  };

  const filter = await screen.findByLabelText('Symbol');
  await vi.waitFor(() => expect(suggestedBy(filter)).toEqual(['MNQZ6', 'AAPL']));
  await user.click((await screen.findAllByRole('button', { name: 'Add trade' }))[0] as HTMLElement);
  const form = within(await screen.findByRole('dialog', { name: 'Add a trade' }));
  expect(suggestedBy(form.getByLabelText('Symbol'))).toEqual(['MNQZ6', 'AAPL']);
});

test('the head of a column sorts by it, newest first', async () => {
  const list = vi.fn<Answer>(() => pageOf(CLOSED));
  serveTrades(list);
  const { user } = await open('/trades');

  const head = await screen.findByRole('columnheader', { name: 'Opened' });
  expect(head.getAttribute('aria-sort')).toBe('descending');
  await user.click(screen.getByRole('button', { name: 'Closed' }));
  await vi.waitFor(() =>
    expect(list.mock.lastCall?.[0].url.searchParams.get('sort')).toBe('-exit_at'),
  );
  await user.click(screen.getByRole('button', { name: 'Closed' }));
  await vi.waitFor(() =>
    expect(list.mock.lastCall?.[0].url.searchParams.get('sort')).toBe('exit_at'),
  );
});

test('a trade opens beside the list, by its address too', async () => {
  serveTrades();
  const { user, path } = await open('/trades?trade=trade-1');

  const drawer = await screen.findByRole('dialog', { name: 'Trade' });
  const parts = await within(drawer).findByRole('table', { name: 'Entries and exits' });
  expect(within(parts).getAllByRole('row')).toHaveLength(3);
  expect(drawer.textContent).toContain('▲ +200.00 USD');
  expect(drawer.textContent).toContain('1 hour');
  expect(drawer.textContent).toContain('Worst while open (MAE)▼ −35.00 USD');

  await user.click(within(drawer).getByRole('button', { name: 'Close' }));
  await vi.waitFor(() => expect(path()).toBe('/trades'));
});

test('trades of other years say which', async () => {
  serveTrades(() =>
    pageOf(
      { ...CLOSED, entry_at: '2024-11-12T12:00:00Z', exit_at: '2024-11-12T13:30:00Z' },
      aTrade({ id: 'trade-2', symbol: 'EURUSD', entry_at: new Date().toISOString() }),
    ),
  );
  await open('/trades');
  expect(await screen.findAllByText(/12 Nov 2024/)).toHaveLength(2);
  const year = String(new Date().getFullYear());
  expect(screen.queryByText(new RegExp(`${year}, `))).toBeNull();
});

test('arrow keys go from trade to trade', async () => {
  serveTrades(() => pageOf(CLOSED, aTrade({ id: 'trade-2', symbol: 'EURUSD' })));
  const { user } = await open('/trades');

  const first = await screen.findByRole('button', { name: 'XAUUSD' });
  first.focus();
  await user.keyboard('{ArrowDown}');
  expect(document.activeElement?.textContent).toBe('EURUSD');
  await user.keyboard('{ArrowUp}');
  expect(document.activeElement?.textContent).toBe('XAUUSD');
});

test('single keys go to trades, filters and the form, on a Thai keyboard too, and can be switched off', async () => {
  serveTrades(() => pageOf(CLOSED, aTrade({ id: 'trade-2', symbol: 'EURUSD' })));
  const { user } = await open('/trades');
  const first = await screen.findByRole('button', { name: 'XAUUSD' });

  await user.keyboard('j');
  expect(document.activeElement).toBe(first);
  await user.keyboard('j');
  expect(document.activeElement?.textContent).toBe('EURUSD');
  fireEvent.keyDown(document.body, { key: 'า', code: 'KeyK' });
  expect(document.activeElement).toBe(first);
  await user.keyboard('x');
  expect(await screen.findByText('1 trade chosen')).toBeDefined();

  await user.keyboard('/');
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Symbol')));
  await user.keyboard('jn?');
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.keyboard('{Enter}?');
  const list = await screen.findByRole('dialog', { name: 'What the keys do' });
  await user.click(within(list).getByLabelText('Single keys act'));
  await user.click(within(list).getByRole('button', { name: 'Close' }));
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await user.keyboard('n?');
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('when nothing fits, all trades are one press away', async () => {
  serveTrades(() => pageOf());
  const { user, path } = await open('/trades?symbol=NOPE');

  expect(await screen.findByText('No trade fits these filters')).toBeDefined();
  await user.click(screen.getByRole('link', { name: 'Show all trades' }));
  await vi.waitFor(() => expect(path()).toBe('/trades'));
});

test('a trade is typed in, with its result while it is typed', async () => {
  const create = vi.fn<Answer>(() => aTrade({ source: 'manual' }));
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'POST /api/v1/trades': create,
  });
  const { user } = await open('/trades');

  await user.click((await screen.findAllByRole('button', { name: 'Add trade' }))[0] as HTMLElement);
  const form = await screen.findByRole('dialog', { name: 'Add a trade' });
  const type = (label: string, text: string) => user.type(within(form).getByLabelText(label), text);
  await user.click(within(form).getByRole('radio', { name: 'Put' }));
  await type('Symbol', 'SPY');
  await type('Quantity', '2');
  await type('Entry price', '2.50');
  await type('Exit price', '3.10');
  await type('Stop loss', '2.00');
  await type('Fees', '2.6');
  expect(within(form).getByRole('status').textContent).toContain('▲ +117.40 USD');
  expect(within(form).getByRole('status').textContent).toContain('1.2 R');

  // The time of exit is missing.
  await user.click(within(form).getByRole('button', { name: 'Add trade' }));
  expect(await within(form).findByText('Enter something here.')).toBeDefined();
  expect(create).not.toHaveBeenCalled();

  await user.clear(within(form).getByLabelText('Exit price'));
  await user.click(within(form).getByRole('button', { name: 'Add trade' }));
  await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(1));
  expect(create.mock.calls[0]?.[0].body).toMatchObject({
    account_id: 'account-1',
    symbol: 'SPY',
    direction: 'LONG',
    asset_type: 'option',
    option_type: 'PUT',
    quantity: '2',
    entry_price: '2.50',
    exit_price: null,
  });
});

test('several fills are typed in, with averages and result while they are typed', async () => {
  const create = vi.fn<Answer>(() => aTrade({ source: 'manual' }));
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'POST /api/v1/trades': create,
  });
  const { user } = await open('/trades');

  await user.click((await screen.findAllByRole('button', { name: 'Add trade' }))[0] as HTMLElement);
  const form = within(await screen.findByRole('dialog', { name: 'Add a trade' }));
  await user.click(form.getByRole('radio', { name: 'Short' }));
  await user.type(form.getByLabelText('Symbol'), 'MNQZ6');
  await user.click(form.getByRole('switch', { name: 'Several fills' }));
  const fill = (number: number) => within(form.getByRole('group', { name: `Fill ${number}` }));
  const type = async (number: number, price: string, quantity: string) => {
    await user.type(fill(number).getByLabelText('Price'), price);
    await user.type(fill(number).getByLabelText('Quantity'), quantity);
    await user.type(fill(number).getByLabelText('Fees'), '0.5');
  };
  const add = () => user.click(form.getByRole('button', { name: 'Add fill' }));
  expect(form.queryByRole('button', { name: 'Remove fill 1' })).toBeNull();
  await type(1, '20010', '1');
  await add();
  await vi.waitFor(() => expect(document.activeElement).toBe(fill(2).getByLabelText('Side')));
  await type(2, '20030', '3');
  await add();
  await user.selectOptions(fill(3).getByLabelText('Side'), 'Out');
  await type(3, '20000', '2');
  expect(form.getByText('Still open').parentElement?.textContent).toBe('Still open2');
  expect(form.getByRole('status').textContent).not.toContain('USD');
  // One too many: it goes, and the last one takes its place.
  await add();
  await add();
  await user.click(form.getByRole('button', { name: 'Remove fill 4' }));
  await vi.waitFor(() => expect(document.activeElement).toBe(fill(4).getByLabelText('Side')));
  await type(4, '20020', '2');

  expect(form.getByText('Average entry').parentElement?.textContent).toBe('Average entry20,025');
  expect(form.getByText('Average exit').parentElement?.textContent).toBe('Average exit20,010');
  expect(form.getByRole('status').textContent).toContain('▲ +118.00 USD');
  await user.click(form.getByRole('button', { name: 'Add trade' }));
  await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(1));
  const body = create.mock.calls[0]?.[0].body;
  expect(body).toMatchObject({
    direction: 'SHORT',
    asset_type: 'future',
    fees: null,
    executions: [
      { side: 'SELL', quantity: '1', price: '20010', fees: '0.5' },
      { side: 'SELL', quantity: '3', price: '20030', fees: '0.5' },
      { side: 'BUY', quantity: '2', price: '20000', fees: '0.5' },
      { side: 'BUY', quantity: '2', price: '20020', fees: '0.5' },
    ],
  });
  expect(body).not.toHaveProperty('entry_price');
});

test('an edit keeps single fills, to the second', async () => {
  const executions = [
    { side: 'BUY', quantity: '0.1', price: '2030', at: '2026-11-20T12:00:07Z', fees: '0' },
    { side: 'BUY', quantity: '0.1', price: '2031', at: '2026-11-20T12:00:41Z', fees: '0' },
    { side: 'SELL', quantity: '0.2', price: '2040.5', at: '2026-11-20T13:30:00Z', fees: '0' },
  ] as const;
  const scaled = aTrade({ ...CLOSED, source: 'manual', executions: [...executions] });
  const patch = vi.fn<Answer>(() => scaled);
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': () => pageOf(scaled),
    'GET /api/v1/trades/trade-1': () => scaled,
    'PATCH /api/v1/trades/trade-1': patch,
  });
  const { user } = await open('/trades?trade=trade-1');
  const drawer = within(await screen.findByRole('dialog', { name: 'Trade' }));
  await user.click(await drawer.findByRole('button', { name: 'Change' }));

  const form = within(await screen.findByRole('dialog', { name: 'Change the trade in XAUUSD' }));
  const second = within(form.getByRole('group', { name: 'Fill 2' }));
  const price = second.getByLabelText<HTMLInputElement>('Price');
  expect([price.value, form.getAllByRole('group', { name: /^Fill/ }).length]).toEqual(['2031', 3]);
  await user.clear(price);
  await user.type(price, '2032');
  await user.click(form.getByRole('button', { name: 'Save' }));

  await vi.waitFor(() => expect(patch).toHaveBeenCalledTimes(1));
  const [first, , last] = executions;
  expect(patch.mock.calls[0]?.[0].body).toEqual({
    executions: [first, { ...executions[1], price: '2032' }, last],
    fees: null,
  });
});

test('whoever only notes something on a trade leaves its kind as the file told it', async () => {
  const told = { ...CLOSED, source: 'import', symbol: 'EURUSD', asset_type: 'cfd' } as const;
  const imported = aTrade({ ...told, multiplier: '1' });
  const patch = vi.fn<Answer>(() => imported);
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': () => pageOf(imported),
    'GET /api/v1/trades/trade-1': () => imported,
    'PATCH /api/v1/trades/trade-1': patch,
  });
  const { user } = await open('/trades?trade=trade-1');
  const drawer = within(await screen.findByRole('dialog', { name: 'Trade' }));
  await user.click(await drawer.findByRole('button', { name: 'Change' }));

  const form = within(await screen.findByRole('dialog', { name: 'Change the trade in EURUSD' }));
  await user.click(form.getByLabelText('Symbol'));
  await user.tab();
  await user.type(form.getByLabelText('Notes'), 'news');
  await user.click(form.getByRole('button', { name: 'Save' }));

  await vi.waitFor(() => expect(patch).toHaveBeenCalledTimes(1));
  expect(patch.mock.calls[0]?.[0].body).toEqual({ notes: 'news' });
});

test('the usual units of a lot go with the instrument, in the form as on the server', async () => {
  const told = { ...CLOSED, source: 'manual', symbol: 'EURUSD', multiplier: '100000' } as const;
  const typed = aTrade({ ...told, pnl: '200000', pnl_source: 'computed' });
  const patch = vi.fn<Answer>(() => typed);
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': () => pageOf(typed),
    'GET /api/v1/trades/trade-1': () => typed,
    'PATCH /api/v1/trades/trade-1': patch,
  });
  const { user } = await open('/trades?trade=trade-1');
  const drawer = within(await screen.findByRole('dialog', { name: 'Trade' }));
  await user.click(await drawer.findByRole('button', { name: 'Change' }));

  const form = within(await screen.findByRole('dialog', { name: 'Change the trade in EURUSD' }));
  await user.clear(form.getByLabelText('Symbol'));
  await user.type(form.getByLabelText('Symbol'), 'XAUUSD');
  const units = form.getByLabelText<HTMLInputElement>('Units per lot or contract');
  expect([units.value, units.placeholder]).toEqual(['', '100']);
  expect(form.getByRole('status').textContent).toContain('▲ +200.00 USD');
  await user.click(form.getByRole('button', { name: 'Save' }));

  await vi.waitFor(() => expect(patch).toHaveBeenCalledTimes(1));
  expect(patch.mock.calls[0]?.[0].body).toEqual({ symbol: 'XAUUSD', multiplier: null });
});

test('tags and notes may be added to what a machine reported, no more', async () => {
  const patch = vi.fn<Answer>(() => ({ ...CLOSED, tags: ['news'] }));
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': () => pageOf(CLOSED),
    'GET /api/v1/trades/trade-1': () => CLOSED,
    'PATCH /api/v1/trades/trade-1': patch,
  });
  const { user } = await open('/trades?trade=trade-1');

  const drawer = await screen.findByRole('dialog', { name: 'Trade' });
  await user.type(await within(drawer).findByLabelText('Tags'), 'news');
  await user.click(within(drawer).getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(patch.mock.calls[0]?.[0].body).toEqual({ tags: ['news'] }));
  expect(within(drawer).queryByRole('button', { name: 'Change' })).toBeNull();
  expect(drawer.textContent).toContain('A machine reported this trade');
});

test('what another device noted meanwhile is kept, and said where it is typed over', async () => {
  let trade = CLOSED;
  const patch = vi.fn<Answer>(({ body }) => {
    trade = { ...trade, ...(body as Partial<typeof CLOSED>) };
    return trade;
  });
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': () => pageOf(trade),
    'GET /api/v1/trades/trade-1': () => trade,
    'PATCH /api/v1/trades/trade-1': patch,
  });
  const { user, queries } = await open('/trades?trade=trade-1');
  const drawer = within(await screen.findByRole('dialog', { name: 'Trade' }));
  await user.type(await drawer.findByLabelText('Tags'), 'a+, ');
  trade = { ...trade, notes: 'From the phone' };
  await queries.invalidateQueries();
  const notes = drawer.getByLabelText<HTMLTextAreaElement>('Notes');
  await vi.waitFor(() => expect(notes.value).toBe('From the phone'));
  await user.click(drawer.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(patch.mock.calls[0]?.[0].body).toEqual({ tags: ['a+'] }));
  const save = drawer.getByRole('button', { name: 'Save' });
  await vi.waitFor(() => expect(save.getAttribute('aria-disabled')).toBe('true'));
  expect(drawer.getByLabelText<HTMLInputElement>('Tags').value).toBe('a+');

  await user.type(notes, ' and here');
  trade = { ...trade, notes: 'Once more from the phone' };
  await queries.invalidateQueries();
  expect(
    await drawer.findByText('Changed elsewhere meanwhile: Once more from the phone'),
  ).toBeDefined();
  expect(notes.value).toBe('From the phone and here');
});

test('of the chosen trades only those made by hand are deleted', async () => {
  const remove = vi.fn<Answer>(() => ({ changed: 1, skipped: 0 }));
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': () =>
      pageOf(CLOSED, aTrade({ id: 'mine', symbol: 'AAPL', source: 'manual' })),
    'POST /api/v1/trades/delete': remove,
  });
  const { user } = await open('/trades');

  await user.click(await screen.findByRole('checkbox', { name: 'Choose XAUUSD' }));
  await user.click(screen.getByRole('checkbox', { name: 'Choose AAPL' }));
  await user.click(screen.getByRole('button', { name: 'Delete' }));
  const dialog = await screen.findByRole('dialog', { name: 'Delete 1 trade?' });
  expect(dialog.textContent).toContain('1 was reported by a machine and stays.');
  await user.click(within(dialog).getByRole('button', { name: 'Delete' }));
  await vi.waitFor(() => expect(remove.mock.calls[0]?.[0].body).toEqual({ ids: ['mine'] }));
});

test('what became of the chosen trades is told also where none is left', async () => {
  let rows = [aTrade({ id: 'mine', symbol: 'AAPL', source: 'manual' })];
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'GET /api/v1/trades': () => pageOf(...rows),
    'POST /api/v1/trades/delete': () => {
      rows = [];
      return { changed: 1, skipped: 0 };
    },
  });
  const { user } = await open('/trades');

  await user.click(await screen.findByRole('checkbox', { name: 'Choose AAPL' }));
  await user.click(screen.getByRole('button', { name: 'Delete' }));
  const dialog = await screen.findByRole('dialog', { name: 'Delete 1 trade?' });
  await user.click(within(dialog).getByRole('button', { name: 'Delete' }));

  expect((await screen.findByText('1 trade was deleted.')).getAttribute('role')).toBe('status');
  await vi.waitFor(() =>
    expect(screen.queryByRole('checkbox', { name: 'Choose AAPL' })).toBeNull(),
  );
  expect(screen.getByText('1 trade was deleted.')).toBeDefined();
});

const REPORT = {
  dry_run: true,
  confidence: 'likely',
  columns: ['symbol', 'qty'],
  mapping: { symbol: 'symbol', quantity: 'quantity' },
  fields: ['symbol', 'quantity'],
  trades: 2,
  duplicates: 0,
  imported: 0,
  error_count: 1,
  errors: [{ row: 3, field: 'quantity', code: 'required', detail: 'is required' }],
  preview: [aTrade({ id: 'found', symbol: 'MNQZ6' })],
};

test('what is in a file is seen, and mended, before it is taken in', async () => {
  let finish: (report: object) => void = () => {};
  const taken = new Promise<object>((resolve) => {
    finish = resolve;
  });
  const answers: Answer[] = [
    () => REPORT,
    () => ({ ...REPORT, error_count: 0, errors: [], duplicates: 1 }),
    () => taken,
  ];
  const take = vi.fn<Answer>((request) => answers.shift()?.(request));
  serve({
    'GET /api/v1/accounts': () => pageOf(anAccount()),
    'POST /api/v1/trades/import': take,
    'GET /api/v1/trades/import': () => ({
      received_bytes: 19,
      checked_rows: 2,
      written_trades: 1,
    }),
  });
  const { user } = await open('/trades');

  await user.click(await screen.findByRole('button', { name: 'Import' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Import trades' }));
  await user.selectOptions(dialog.getByLabelText('The file comes from'), 'tradovate');
  const zone = dialog.getByLabelText('Times without a zone are of');
  expect(zone).toHaveProperty('value', 'Asia/Bangkok');
  await user.selectOptions(zone, 'America/Chicago');
  await user.selectOptions(dialog.getByLabelText('Kind, where no column says it'), 'Future');
  await user.upload(
    dialog.getByLabelText('File'),
    new File(['symbol,qty\nMNQZ6,1\n'], 'Performance.csv', { type: 'text/csv' }),
  );
  await user.click(dialog.getByRole('button', { name: 'Look into the file' }));

  expect(await dialog.findByText('2 trades found')).toBeDefined();
  const wrong = dialog.getByRole('table', { name: 'The first 1' });
  expect(within(wrong).getByText('is missing')).toBeDefined();
  expect(dialog.getByText('MNQZ6')).toBeDefined();
  expect(dialog.queryByRole('button', { name: /^Import \d/ })).toBeNull();

  await user.selectOptions(dialog.getByLabelText('Quantity'), 'qty');
  await user.click(dialog.getByRole('button', { name: 'Look again' }));
  expect(await dialog.findByText(/1 is in the account already/)).toBeDefined();
  await user.click(dialog.getByRole('button', { name: 'Import 1 trade' }));
  const stage = await dialog.findByText('Importing its trades…');
  expect(stage.getAttribute('aria-live')).toBe('polite');
  const bar = dialog.getByRole('progressbar', { name: 'Progress of the import' });
  expect(bar.getAttribute('aria-valuetext')).toBe('1 of 2 trades');
  expect(bar.getAttribute('aria-valuenow')).toBe('1');
  // Neither closed nor changed while it is written.
  await user.click(dialog.getByRole('button', { name: 'Cancel' }));
  await user.keyboard('{Escape}');
  expect(zone.closest('fieldset')?.disabled).toBe(true);
  finish({ ...REPORT, dry_run: false, error_count: 0, errors: [], imported: 1 });
  expect(await dialog.findByText('1 trade was imported.')).toBeDefined();

  const asked = take.mock.calls.map(([{ url }]) => Object.fromEntries(url.searchParams));
  expect(asked.map(({ dry_run }) => dry_run)).toEqual(['true', 'true', 'false']);
  expect(asked[2]).toMatchObject({
    account_id: 'account-1',
    preset: 'tradovate',
    time_zone: 'America/Chicago',
    asset_type: 'future',
    mapping: '{"quantity":"qty"}',
  });
  expect(take.mock.calls[0]?.[0].body).toContain('MNQZ6,1');
});

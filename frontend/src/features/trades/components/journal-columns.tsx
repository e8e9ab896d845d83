import { useTranslations } from 'use-intl';
import type { Account, Trade } from '@/api/types';
import { ROW_CONTROL } from '@/components/data-rows';
import type { Column } from '@/components/data-table';
import { Floating } from '@/components/floating';
import { useTradeColumns } from './trade-columns';

/** What the table of the whole journal shows of a trade, in this order. */
export function useJournalColumns(
  accounts: ReadonlyMap<string, Account>,
  onOpen: (trade: Trade) => void,
): Column<Trade>[] {
  const t = useTranslations('trades');
  const columns = useTradeColumns(accounts);
  return [
    {
      id: 'symbol',
      sort: 'symbol',
      header: t('columns.symbol'),
      phone: 'title',
      cell: (trade) => (
        <button
          type="button"
          {...ROW_CONTROL}
          onClick={() => onOpen(trade)}
          className="rounded-[4px] text-left font-medium text-accent hover:underline"
        >
          {trade.symbol}
        </button>
      ),
    },
    columns.direction,
    columns.quantity,
    columns.account,
    columns.entryPrice,
    columns.exitPrice,
    { ...columns.entry, sort: 'entry_at' },
    { ...columns.exit, phone: 'wide', sort: 'exit_at' },
    columns.source,
    columns.status,
    {
      ...columns.pnl,
      sort: 'pnl',
      cell: (trade) => <Result trade={trade} accounts={accounts} column={columns.pnl} />,
    },
  ];
}

interface ResultProps {
  trade: Trade;
  accounts: ReadonlyMap<string, Account>;
  column: Column<Trade>;
}

/** Of a closed trade what it brought, of an open one what it would bring now. */
function Result({ trade, accounts, column }: ResultProps) {
  if (trade.status === 'closed') return column.cell(trade);
  const currency = accounts.get(trade.account_id)?.currency ?? '';
  return <Floating position={trade} currency={currency} />;
}

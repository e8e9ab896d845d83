import { useQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Account, Trade } from '@/api/types';
import { DataTable } from '@/components/data-table';
import { Afterwards } from '@/components/later';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { recentTradesQuery } from '../queries';
import { useJournalColumns } from './journal-columns';
import { LivePrices } from './live-prices';

const NEWEST = 8;
const SHOWN = ['symbol', 'direction', 'quantity', 'account', 'entry', 'status', 'pnl'];

interface RecentTradesProps {
  accounts: ReadonlyMap<string, Account>;
  onOpen: (trade: Trade) => void;
  words: { title: string; empty: string; emptyHint: string };
  aside: ReactNode;
}

/** The trades that were opened last, live. */
export function RecentTrades({ accounts, onOpen, words, aside }: RecentTradesProps) {
  const trades = useQuery(recentTradesQuery);
  const columns = useJournalColumns(accounts, onOpen);
  const rows = (trades.data?.items ?? [])
    .filter(({ account_id }) => accounts.has(account_id))
    .slice(0, NEWEST);
  return (
    <Card title={words.title} aside={aside} isFlush>
      <LivePrices trades={rows} />
      {trades.isPending && <Loading rows={NEWEST} />}
      {trades.isError && <Failure error={trades.error} onRetry={() => void trades.refetch()} />}
      {trades.data && rows.length === 0 && (
        <Empty icon={ScrollText} title={words.empty} hint={words.emptyHint} />
      )}
      {rows.length > 0 && (
        <Afterwards room={<Loading rows={Math.min(rows.length, NEWEST)} />}>
          <DataTable
            label={words.title}
            columns={columns.filter(({ id }) => SHOWN.includes(id))}
            rows={rows}
            rowKey={({ id }) => id}
            onOpen={onOpen}
          />
        </Afterwards>
      )}
    </Card>
  );
}

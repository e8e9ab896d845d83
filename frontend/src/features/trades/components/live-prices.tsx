import { useTopic } from '@/api/stream/react';
import type { Trade } from '@/api/types';

/** Accounts whose prices are asked for beside what else a page listens to. */
const MOST = 8;

/** Shows nothing, and keeps what these trades would bring now as fresh as prices are, while they are open. */
export function LivePrices({ trades }: { trades: readonly Trade[] }) {
  const open = trades.flatMap(({ status, account_id }) => (status === 'open' ? account_id : []));
  const accounts = [...new Set(open)].slice(0, MOST);
  return accounts.map((accountId) => <PricesOf key={accountId} accountId={accountId} />);
}

function PricesOf({ accountId }: { accountId: string }) {
  useTopic(`prices:${accountId}`);
  return null;
}

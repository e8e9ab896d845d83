import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '../keys';
import type { StreamMessage } from './messages';

/**
 * Lists that are being read while a message changes them: the answer that is on its way
 * may be older than the message, and would bring back what the message took away. Of
 * figures that are told again and again nothing is lost; what is told once would stay wrong.
 */
export function racedBy(queries: QueryClient, messages: readonly StreamMessage[]): QueryKey[] {
  return messages
    .flatMap(changedBy)
    .flatMap((queryKey) => queries.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching' }))
    .map(({ queryKey }) => queryKey);
}

function changedBy(message: StreamMessage): QueryKey[] {
  switch (message.type) {
    case 'copy.updated': {
      const { follower_account_id, master_account_id } = message.data;
      return [keys.copies(follower_account_id), keys.copies(master_account_id)];
    }
    case 'trade.updated':
      return [keys.trades];
    case 'signal.received':
      return [keys.signals(message.data.account_id)];
    case 'account.updated':
    case 'account.presence':
      return [keys.accounts];
    case 'alerts.unread':
      return [keys.unread];
    case 'group.updated':
    case 'group.deleted':
      return [keys.groups];
    default:
      return [];
  }
}

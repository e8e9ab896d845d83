import type { QueryClient } from '@tanstack/react-query';
import type { Trade } from '../types';

/** Open trades that were told, of each cache. */
const told = new WeakMap<QueryClient, Set<string>>();

/**
 * Whether a trade that is told may change what trades add up to. Of an open one only its
 * coming does; it is told again whenever other topics are asked for.
 */
export function isCounted(queries: QueryClient, { id, status }: Trade): boolean {
  const open = told.get(queries) ?? new Set();
  told.set(queries, open);
  if (status === 'closed') {
    open.delete(id);
    return true;
  }
  const isNew = !open.has(id);
  open.add(id);
  return isNew;
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { ImportReport } from '@/api/types';

export const PRESETS = [
  'flotilla',
  'metatrader5',
  'tradovate',
  'topstepx',
  'webull',
  'tradier',
  'bingx',
] as const;
export type Preset = (typeof PRESETS)[number];

/** What the API takes at most, in bytes. */
export const LARGEST_FILE = 100_000_000;

/** Columns by field, as far as they are chosen otherwise than the preset does. */
export type Mapping = Record<string, string>;

export interface ImportOrder {
  file: File;
  accountId: string;
  preset: Preset;
  mapping: Mapping;
  decimal: 'auto' | 'point' | 'comma';
  dateOrder: 'auto' | 'dmy' | 'mdy';
  /** Only tells what would happen. */
  isTrial: boolean;
}

/** Reads a file on the server, or takes its trades in: all of them or none. */
export function useImport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (order: ImportOrder): Promise<ImportReport> =>
      unwrap(
        client.POST('/api/v1/trades/import', {
          params: { query: queryOf(order) },
          // The document calls it text; it goes out as the bytes that it is.
          body: order.file as unknown as string,
          bodySerializer: (file: unknown) => file as Blob,
          headers: { 'Content-Type': 'text/csv' },
        }),
      ),
    onSuccess: (report) =>
      report.dry_run
        ? undefined
        : Promise.all([
            queries.invalidateQueries({ queryKey: keys.trades }),
            queries.invalidateQueries({ queryKey: keys.stats }),
          ]),
  });
}

function queryOf({ accountId, preset, mapping, decimal, dateOrder, isTrial }: ImportOrder) {
  return {
    account_id: accountId,
    preset,
    dry_run: isTrial,
    ...(Object.keys(mapping).length > 0 && { mapping: JSON.stringify(mapping) }),
    ...(decimal !== 'auto' && { decimal }),
    ...(dateOrder !== 'auto' && { date_order: dateOrder }),
  };
}

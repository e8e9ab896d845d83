import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import { type Once, useOnce } from '@/api/once';
import type { ImportProgress, ImportReport } from '@/api/types';
import type { ASSETS } from './form-values';

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
  /** Of times that name none. */
  timeZone: string;
  /** Of what no column says it of; `auto` is as the preset does. */
  assetType: 'auto' | (typeof ASSETS)[number];
  /** Only tells what would happen. */
  isTrial: boolean;
}

/** Reads a file on the server, or takes its trades in: all of them or none. */
export function useImport() {
  const queries = useQueryClient();
  const write = useOnce(
    null,
    (once: Once, order: ImportOrder): Promise<ImportReport> =>
      unwrap(
        client.POST('/api/v1/trades/import', {
          params: { query: queryOf(order) },
          // The document calls it text; it goes out as the bytes that it is.
          body: order.file as unknown as string,
          bodySerializer: (file: unknown) => file as Blob,
          headers: { 'Content-Type': 'text/csv', ...(!order.isTrial && once) },
        }),
      ),
  );
  return useMutation({
    mutationFn: write,
    onSuccess: (report) =>
      report.dry_run
        ? undefined
        : Promise.all([
            queries.invalidateQueries({ queryKey: keys.trades }),
            queries.invalidateQueries({ queryKey: keys.tradeSymbols }),
            queries.invalidateQueries({ queryKey: keys.stats }),
          ]),
  });
}

const LOOK_MS = 1_000;
const NOTHING_YET: ImportProgress = { received_bytes: 0, checked_rows: 0, written_trades: 0 };

/** How far the import that goes on is. Asked for from its first second on: most are over by then. */
export const importProgressQuery = queryOptions({
  queryKey: keys.importProgress,
  queryFn: ({ signal }): Promise<ImportProgress> =>
    unwrap(client.GET('/api/v1/trades/import', { signal })),
  initialData: NOTHING_YET,
  staleTime: LOOK_MS,
  refetchInterval: LOOK_MS,
  // The next file begins at nothing.
  gcTime: 0,
});

/** What is being done with a file of so many bytes: it is taken in, or only looked into. */
export function stageOf(
  { received_bytes, checked_rows, written_trades }: ImportProgress,
  size: number,
  isTaken: boolean,
): 'sending' | 'checking' | 'comparing' | 'writing' {
  if (written_trades > 0) return isTaken ? 'writing' : 'comparing';
  return checked_rows > 0 || received_bytes >= size ? 'checking' : 'sending';
}

function queryOf({ accountId, preset, mapping, isTrial, ...reading }: ImportOrder) {
  const { decimal, dateOrder, timeZone, assetType } = reading;
  return {
    account_id: accountId,
    preset,
    dry_run: isTrial,
    time_zone: timeZone,
    ...(assetType !== 'auto' && { asset_type: assetType }),
    ...(Object.keys(mapping).length > 0 && { mapping: JSON.stringify(mapping) }),
    ...(decimal !== 'auto' && { decimal }),
    ...(dateOrder !== 'auto' && { date_order: dateOrder }),
  };
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client, done, unwrap } from '@/api/client';
import { keys } from '@/api/keys';
import type { Once, Presses } from '@/api/once';
import { ApiError } from '@/api/problem';
import type { Screenshot, User } from '@/api/types';

/** What the API takes at most: bytes of one, and how many of one trade. */
export const LARGEST_PICTURE = 5 * 1024 * 1024;
export const MOST_PICTURES = 8;
export const PICTURE_KINDS = ['image/png', 'image/jpeg', 'image/webp'];

/** Pictures of a trade, oldest first, without their content. */
export function screenshotsQuery(tradeId: string) {
  return queryOptions({
    queryKey: [...keys.screenshots(tradeId), 'list'],
    queryFn: async ({ signal }): Promise<Screenshot[]> => {
      const path = { trade_id: tradeId };
      const found = await unwrap(
        client.GET('/api/v1/trades/{trade_id}/screenshots', { params: { path }, signal }),
      );
      return found.items;
    },
  });
}

/** One picture. It never changes, and is not kept long: it may be large. */
export function screenshotQuery(tradeId: string, id: string) {
  return queryOptions({
    queryKey: [...keys.screenshots(tradeId), 'picture', id],
    queryFn: ({ signal }): Promise<Blob> =>
      unwrap(
        client.GET('/api/v1/trades/{trade_id}/screenshots/{screenshot_id}', {
          params: { path: { trade_id: tradeId, screenshot_id: id } },
          parseAs: 'blob',
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}

export type FaultKind = 'kind' | 'size' | 'empty' | 'many' | 'busy' | 'broken' | 'quota' | 'other';

/** Why a picture was not added. */
export interface Fault {
  file: File;
  kind: FaultKind;
  error?: Error;
}

/** What can be sent of these files, where there is room for some more. */
export function sorted(files: File[], room: number): { fit: File[]; faults: Fault[] } {
  const fit: File[] = [];
  const faults: Fault[] = [];
  for (const file of files) {
    const kind = faultOf(file) ?? (fit.length < room ? null : 'many');
    if (kind === null) fit.push(file);
    else faults.push({ file, kind });
  }
  return { fit, faults };
}

function faultOf(file: File): FaultKind | null {
  // Some systems do not know the kinds of their files; the server looks at the bytes.
  if (file.type !== '' && !PICTURE_KINDS.includes(file.type)) return 'kind';
  if (file.size === 0) return 'empty';
  return file.size > LARGEST_PICTURE ? 'size' : null;
}

const REFUSALS: Record<string, FaultKind> = {
  not_a_picture: 'broken',
  too_many: 'many',
  quota: 'quota',
};

function refusalOf(error: unknown): Omit<Fault, 'file'> {
  // Whatever went wrong, the others can still be sent.
  if (!(error instanceof ApiError)) {
    return { kind: 'other', ...(error instanceof Error && { error }) };
  }
  if (error.status === 413) return { kind: 'size' };
  return { kind: REFUSALS[error.fields[0]?.code ?? ''] ?? 'other', error };
}

interface Pictures {
  tradeId: string;
  files: File[];
}

/** Which picture of how many is on its way. */
export interface Sending {
  at: number;
  count: number;
}

/**
 * Sends pictures one after the other; answers which of them were refused. One that was lost is
 * known again when it is chosen anew, whatever was sent meanwhile.
 */
export function useAddScreenshots(presses: Presses) {
  const queries = useQueryClient();
  const [sending, setSending] = useState<Sending | null>(null);
  const add = useMutation({
    mutationFn: async ({ tradeId, files }: Pictures): Promise<Fault[]> => {
      const faults: Fault[] = [];
      for (const [index, file] of files.entries()) {
        setSending({ at: index + 1, count: files.length });
        await presses
          .send(tradeId, file, (once) => send(tradeId, file, once))
          .catch((error: unknown) => {
            faults.push({ file, ...refusalOf(error) });
          });
      }
      return faults;
    },
    onSettled: async (_, __, { tradeId }) => {
      await queries.invalidateQueries({ queryKey: screenshotsQuery(tradeId).queryKey });
      setSending(null);
    },
  });
  return { ...add, sending };
}

function send(tradeId: string, file: File, once: Once): Promise<Screenshot> {
  return unwrap(
    client.POST('/api/v1/trades/{trade_id}/screenshots', {
      params: { path: { trade_id: tradeId } },
      // The document calls it text; it goes out as the bytes that it is.
      body: file as unknown as string,
      bodySerializer: (picture: unknown) => picture as Blob,
      headers: { 'Content-Type': file.type || 'application/octet-stream', ...once },
    }),
  );
}

export function useDeleteScreenshot(tradeId: string, presses: Presses) {
  const queries = useQueryClient();
  return useMutation({
    // What was lost may be the one that goes: whoever chooses its file again wants it back.
    onMutate: () => presses.forget(),
    mutationFn: (id: string) =>
      done(
        client.DELETE('/api/v1/trades/{trade_id}/screenshots/{screenshot_id}', {
          params: { path: { trade_id: tradeId, screenshot_id: id } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: screenshotsQuery(tradeId).queryKey }),
  });
}

/** Whoever may only look, as viewers and admins, is not offered more. */
export function useMayChange(): boolean {
  const role = useQueryClient().getQueryData<User>(keys.me)?.role ?? 'trader';
  return role === 'trader';
}

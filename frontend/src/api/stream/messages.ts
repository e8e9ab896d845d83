import type { Account, Copy, Signal, Trade } from '../types';

/** Whether an account's EA is connected. */
export interface Presence {
  account_id: string;
  online: boolean;
  last_seen_at?: string | null;
}

/** What happened, as the server says it. */
export type StreamEvent =
  | { type: 'account.updated'; data: Account }
  | { type: 'account.presence'; data: Presence | Account }
  | { type: 'signal.received'; data: Signal }
  | { type: 'copy.updated'; data: Copy }
  | { type: 'trade.updated'; data: Trade }
  | { type: 'resync'; data: unknown }
  | { type: 'refused'; data: { code: string } };

/** One message of the WebSocket. `seq` grows by one with each message of a socket. */
export type StreamMessage = StreamEvent & { topic: string; seq: number; at: string };

/** A message, or null for what is not one. The server is ours, so its data is trusted. */
export function parseMessage(text: unknown): StreamMessage | null {
  if (typeof text !== 'string') return null;
  try {
    const value: unknown = JSON.parse(text);
    return isMessage(value) ? value : null;
  } catch {
    return null;
  }
}

function isMessage(value: unknown): value is StreamMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    'seq' in value &&
    typeof value.seq === 'number'
  );
}

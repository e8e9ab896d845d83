import type { components } from '../schema.gen';

export type StreamMessage = components['schemas']['StreamMessage'];
export type StreamRequest = components['schemas']['StreamRequest'];
export type Presence = components['schemas']['Presence'];
export type Price = components['schemas']['Price'];
export type PositionFloating = components['schemas']['PositionFloating'];

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

import { expect, test } from 'vitest';
import type { CopyEvent } from '@/api/types';
import { legsOf, settledOf, totalOf } from './latency';

test('the legs of a way are laid end to end', () => {
  const legs = legsOf({ read_to_commit: '10', commit_to_send: '30', send_to_ack: '60' });
  expect(legs.map(({ from, share }) => [from, share])).toEqual([
    [0, 0.1],
    [0.1, 0.3],
    [0.4, 0.6],
  ]);
});

test('what is not known takes no room, and a way without an answer has no total', () => {
  const latency = { read_to_commit: null, commit_to_send: '0.5', send_to_ack: null };
  expect(legsOf(latency)).toEqual([{ stretch: 'commit_to_send', value: '0.5', from: 0, share: 1 }]);
  expect(totalOf(latency)).toBeNull();
  expect(totalOf({ ...latency, send_to_ack: '93.401' })).toBe('93.901');
});

test('a way that took no time at all is drawn without dividing by zero', () => {
  const legs = legsOf({ read_to_commit: '0', commit_to_send: '0', send_to_ack: '0' });
  expect(legs.every(({ from, share }) => from === 0 && share === 0)).toBe(true);
});

function step(ms: number, to: CopyEvent['to'], evidence: string | null = null): CopyEvent {
  const at = new Date(1_800_000_000_000 + ms).toISOString();
  return { at, from: null, to, cause: 'signal', detail: null, evidence };
}

test('what is on record is timed from the signal to the answer, and from the wish to close to the end', () => {
  const opened = [step(0, 'planned'), step(4, 'claimed'), step(431, 'open', 'ACK_OPEN|1')];
  expect(settledOf(opened)).toEqual({ open: '431', close: null });
  const closed = [...opened, step(9_000, 'closing'), step(9_120, 'closed', 'ACK_CLOSE|1')];
  expect(settledOf(closed)).toEqual({ open: '431', close: '120' });
});

test('a copy that nobody answered is not on record, whatever was decided about it', () => {
  const given = [
    step(0, 'planned'),
    step(4, 'claimed'),
    step(9, 'unconfirmed'),
    step(99, 'closed'),
  ];
  expect(settledOf(given)).toEqual({ open: null, close: null });
  expect(settledOf([])).toEqual({ open: null, close: null });
});

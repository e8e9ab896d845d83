import { useFormatter, useTranslations } from 'use-intl';
import type { Copy, CopyEvent } from '@/api/types';
import { add } from '@/lib/decimal';

type Latency = Copy['latency_ms'];

/** The stretches of a copy's way, in the order in which it goes them. */
export const STRETCHES = ['read_to_commit', 'commit_to_send', 'send_to_ack'] as const;
export type Stretch = (typeof STRETCHES)[number];

export interface Leg {
  stretch: Stretch;
  /** Milliseconds. */
  value: string;
  /** Where it begins and how long it is, as parts of the whole way. */
  from: number;
  share: number;
}

/** What is known of the way, laid end to end. */
export function legsOf(latency: Latency): Leg[] {
  const known = STRETCHES.flatMap((stretch) => {
    const value = latency[stretch];
    return value ? [{ stretch, value, ms: Number(value) }] : [];
  });
  const whole = known.reduce((sum, { ms }) => sum + ms, 0);
  let gone = 0;
  return known.map(({ stretch, value, ms }) => {
    const leg = {
      stretch,
      value,
      from: whole > 0 ? gone / whole : 0,
      share: whole > 0 ? ms / whole : 0,
    };
    gone += ms;
    return leg;
  });
}

/** From the master's line to the follower's answer; null unless it was answered. */
export function totalOf(latency: Latency): string | null {
  if (!latency.send_to_ack) return null;
  return legsOf(latency).reduce((sum, { value }) => add(sum, value), '0');
}

/** What the database's clock says, from the storing of what was asked to the storing of its evidence, in milliseconds. */
export interface Settled {
  /** From the signal to the first answer. */
  open: string | null;
  /** From the wish to close to the end. */
  close: string | null;
}

/** How long it took until what happened was on record. */
export function settledOf(events: readonly CopyEvent[]): Settled {
  const [first] = events;
  const answer = events.find(({ to, evidence }) => ANSWERED.has(to) && evidence !== null);
  const asked = events.find(({ to }) => to === 'closing');
  const end = events.find(({ to, evidence }) => to === 'closed' && evidence !== null);
  return { open: between(first, answer), close: between(asked, end) };
}

const ANSWERED: ReadonlySet<string> = new Set(['open', 'failed', 'closed']);

function between(from: CopyEvent | undefined, to: CopyEvent | undefined): string | null {
  if (!from || !to) return null;
  const ms = Date.parse(to.at) - Date.parse(from.at);
  return ms < 0 ? null : String(ms);
}

/** Writes milliseconds with as many digits as mean something. */
export function useMs(): (ms: string) => string {
  const t = useTranslations('copy');
  const formatter = useFormatter();
  return (ms) => {
    const value = Number(ms);
    if (value >= 10_000) {
      return t('seconds', { value: formatter.number(value / 1000, { maximumFractionDigits: 1 }) });
    }
    const places = value >= 10 ? 0 : value >= 1 ? 1 : 2;
    return t('ms', { value: formatter.number(value, { maximumFractionDigits: places }) });
  };
}

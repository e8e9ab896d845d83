import { useTranslations } from 'use-intl';
import type { Copy, CopyState, ReasonCode } from '@/api/types';
import { Figure } from '@/components/figures';
import { Pill } from '@/components/pill';
import { pricePlaces } from '../prices';
import { STATE_LOOKS } from '../states';

export function CopyStatePill({ state }: { state: CopyState }) {
  const t = useTranslations('copies.states');
  return <Pill {...STATE_LOOKS[state]}>{t(state)}</Pill>;
}

const NAMED: Partial<Record<ReasonCode, 'groupStopped' | 'guardStopped' | 'guardBlind'>> = {
  group_stopped: 'groupStopped',
  guard_stopped: 'guardStopped',
  guard_blind: 'guardBlind',
};

/** Why a copy is where it is, and the terminal's own words if it said any. */
export function CopyReason({ reason }: Pick<Copy, 'reason'>) {
  const t = useTranslations('copies');
  if (!reason) return null;
  // The text of these is a name; that of all others is what the terminal said.
  const named = NAMED[reason.code];
  if (named && reason.text) {
    return (
      <span className="block max-w-prose text-pretty spread:min-w-64">
        {t(named, { name: reason.text })}
      </span>
    );
  }
  return (
    <span className="block max-w-prose text-pretty spread:min-w-64">
      {t(`reasons.${reason.code}`)}
      {reason.text && (
        <span className="block text-muted text-sm">{t('said', { text: reason.text })}</span>
      )}
    </span>
  );
}

/** Lots of the copy: what was opened, else what is to be. One that ended without has none. */
export function lotsOf({ state, opened_lots, desired_lots }: Copy): string {
  if (opened_lots) return opened_lots;
  return state === 'skipped' || state === 'failed' ? '0' : desired_lots;
}

/** `0.20 → 0.10` */
export function CopySize({ copy }: { copy: Copy }) {
  return (
    <span className="whitespace-nowrap">
      <Figure value={copy.master_lots} places={2} /> → <Figure value={lotsOf(copy)} places={2} />
    </span>
  );
}

/** `2,031.40 → 2,031.52`: what the master paid and what the follower paid. */
export function CopyPrice({ copy }: { copy: Copy }) {
  const places = pricePlaces(copy);
  return (
    <span className="spread:whitespace-nowrap">
      <Figure value={copy.master_price} places={places} /> →{' '}
      <Figure value={copy.open_price} places={places} />
    </span>
  );
}

/** Stop loss and take profit. */
export function Limits(copy: Copy) {
  const places = pricePlaces(copy);
  return (
    <span className="whitespace-nowrap text-muted">
      <Figure value={copy.stop_loss} places={places} /> /{' '}
      <Figure value={copy.take_profit} places={places} />
    </span>
  );
}

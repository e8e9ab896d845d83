import { useTranslations } from 'use-intl';
import type { RiskStatus } from '@/api/types';
import { placeOf, spanOf, ZERO } from '../distance';
import { LOOKS, shownStatus } from '../status';
import { useIsOutdated } from './status-pill';

interface DistanceBarProps {
  /** Percent of the limit that is left; null: not known. */
  percent: string | null;
  status: RiskStatus;
  marks?: { caution: string; critical: string } | undefined;
}

/** How far it is to a line. The figure stands beside it: the bar is for the eye only. */
export function DistanceBar({ percent, status, marks }: DistanceBarProps) {
  const t = useTranslations('risk.bar');
  const shown = shownStatus(status, useIsOutdated());
  const span = percent === null ? null : spanOf(percent);
  const isDim = shown === 'stale' || shown === 'unknown';
  return (
    <div
      role="img"
      aria-label={
        percent === null
          ? t('unknown')
          : marks
            ? t('marked', { percent: short(percent), ...marks })
            : t('plain', { percent: short(percent) })
      }
      className="relative h-2.5"
    >
      <div className="absolute inset-0 overflow-hidden rounded-full bg-surface-2">
        <div className="absolute inset-y-0 left-0 bg-line" style={{ width: inPercent(ZERO) }} />
        {span && (
          <div
            className={`absolute inset-y-0 transition-[left,width] duration-300 ${LOOKS[shown].bar} ${isDim ? 'opacity-60' : ''}`}
            style={{ left: inPercent(span.from), width: inPercent(span.to - span.from) }}
          />
        )}
      </div>
      <Tick place={ZERO} isLine />
      {marks && <Tick place={placeOf(marks.critical)} />}
      {marks && <Tick place={placeOf(marks.caution)} />}
    </div>
  );
}

/** The line itself reaches further out than the marks before it. */
function Tick({ place, isLine = false }: { place: number; isLine?: boolean }) {
  return (
    <span
      aria-hidden
      className={`absolute -translate-x-1/2 ${isLine ? '-inset-y-1 w-0.5 bg-ink' : '-inset-y-0.5 w-px bg-muted'}`}
      style={{ left: inPercent(place) }}
    />
  );
}

const inPercent = (share: number): string => `${(share * 100).toFixed(2)}%`;

/** Spoken without the decimals that nobody hears. */
const short = (percent: string): string => percent.replace(/(\.\d)\d+$/, '$1');

import { useTranslations } from 'use-intl';
import { placeOf, ZERO } from '../distance';
import type { MarkPair } from '../marks';
import { LOOKS } from '../status';

/** Where the ticks of a bar will stand. The marks are written beside it; nothing is green that judges nothing. */
export function MarksPreview({ marks }: { marks: MarkPair }) {
  const t = useTranslations('riskMarks');
  const critical = Math.max(ZERO, placeOf(marks.critical));
  const caution = Math.max(critical, placeOf(marks.caution));
  const zones = [
    { status: 'critical', from: ZERO, to: critical },
    { status: 'caution', from: critical, to: caution },
  ] as const;
  return (
    <div
      role="img"
      aria-label={t('preview', { caution: marks.caution, critical: marks.critical })}
      className="relative my-1 h-2.5"
    >
      <div className="absolute inset-0 overflow-hidden rounded-full bg-surface-2">
        <div className="absolute inset-y-0 left-0 bg-line" style={{ width: inPercent(ZERO) }} />
        {zones.map(({ status, from, to }) => (
          <div
            key={status}
            className={`absolute inset-y-0 opacity-60 ${LOOKS[status].bar}`}
            style={{ left: inPercent(from), width: inPercent(to - from) }}
          />
        ))}
      </div>
      {[ZERO, critical, caution].map((place, at) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: three ticks that never change places
          key={at}
          aria-hidden
          className="absolute -inset-y-0.5 w-px -translate-x-1/2 bg-ink"
          style={{ left: inPercent(place) }}
        />
      ))}
    </div>
  );
}

const inPercent = (share: number): string => `${(share * 100).toFixed(2)}%`;

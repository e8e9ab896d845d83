import { useTranslations } from 'use-intl';
import type { CopyDetail, CopyEvent } from '@/api/types';
import { Moment } from '@/components/time';
import { en } from '@/lib/i18n/en';
import { STATE_LOOKS } from '../states';
import { CopyStatePill } from './copy-parts';

type Cause = keyof typeof en.copy.causes;

/** A copy's life: each step, when, why, and the line that proves it. */
export function Timeline({ events }: Pick<CopyDetail, 'events'>) {
  const first = events[0]?.at;
  return (
    <ol>
      {events.map((event, place) => (
        <Step
          key={`${event.at} ${event.to} ${event.cause} ${String(place)}`}
          event={event}
          isLast={place === events.length - 1}
          sinceFirst={place > 0 && first ? Date.parse(event.at) - Date.parse(first) : null}
        />
      ))}
    </ol>
  );
}

interface StepProps {
  event: CopyEvent;
  isLast: boolean;
  /** Milliseconds. */
  sinceFirst: number | null;
}

function Step({ event, isLast, sinceFirst }: StepProps) {
  const t = useTranslations('copy');
  const Icon = STATE_LOOKS[event.to].icon;
  return (
    <li className="flex gap-4">
      <div className="flex flex-col items-center">
        <Icon aria-hidden size={16} className="mt-1 text-muted" />
        {!isLast && <span aria-hidden className="my-1 w-px flex-1 bg-line" />}
      </div>
      <div className="min-w-0 flex-1 pb-5">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <CopyStatePill state={event.to} />
          <span className="text-muted text-sm">
            <Moment at={event.at} format="exact" />
            {sinceFirst !== null && <span className="figures"> · {sinceText(sinceFirst)}</span>}
          </span>
        </p>
        <p className="mt-1">
          {event.from || event.to === 'planned' ? causeText(event.cause) : t('first')}
        </p>
        {event.detail && (
          <p className="text-muted text-sm [overflow-wrap:anywhere]">{event.detail}</p>
        )}
        {event.evidence && (
          <p className="mt-1.5 rounded-card bg-surface-2 px-2.5 py-1.5 font-mono text-xs [overflow-wrap:anywhere]">
            <span className="sr-only">{t('evidence')}: </span>
            {event.evidence}
          </p>
        )}
      </div>
    </li>
  );

  /** Milliseconds tell how fast it was; hours later they only fill the line. */
  function sinceText(ms: number): string {
    if (ms < 10_000) return t('sinceFirst', { ms });
    return t('sinceFirstSeconds', { s: Math.round(ms / 1000) });
  }

  function causeText(cause: string): string {
    return isCause(cause) ? t(`causes.${cause}`) : cause;
  }
}

function isCause(cause: string): cause is Cause {
  return cause in en.copy.causes;
}

import { useFormatter, useMessages, useTimeZone, useTranslations } from 'use-intl';
import type { CopyDetail, CopyEvent } from '@/api/types';
import { Moment } from '@/components/time';
import type { Messages } from '@/lib/i18n/i18n';
import { STATE_LOOKS } from '../states';
import { CopyStatePill } from './copy-parts';

type Cause = keyof Messages['copy']['causes'];

/** A copy's life: each step, when, why, and the line that proves it. */
export function Timeline({ events }: Pick<CopyDetail, 'events'>) {
  const day = useDay();
  const first = events[0]?.at;
  return (
    <ol>
      {events.map((event, place) => {
        const before = events[place - 1];
        return (
          <Step
            key={`${event.at} ${event.to} ${event.cause} ${String(place)}`}
            event={event}
            day={before && day(before.at) === day(event.at) ? null : day(event.at)}
            isLast={place === events.length - 1}
            sinceFirst={before && first ? Date.parse(event.at) - Date.parse(first) : null}
          />
        );
      })}
    </ol>
  );
}

function useDay(): (at: string) => string {
  const formatter = useFormatter();
  const timeZone = useTimeZone();
  return (at) =>
    formatter.dateTime(new Date(at), 'date', timeZone === undefined ? {} : { timeZone });
}

interface StepProps {
  event: CopyEvent;
  /** Named where it changes. */
  day: string | null;
  isLast: boolean;
  /** Milliseconds. */
  sinceFirst: number | null;
}

function Step({ event, day, isLast, sinceFirst }: StepProps) {
  const t = useTranslations('copy');
  const causes = useMessages().copy.causes;
  const since = useSince();
  const Icon = STATE_LOOKS[event.to].icon;
  return (
    <li className="flex gap-3">
      <div className="flex flex-col items-center">
        <span className="grid size-7 shrink-0 place-items-center rounded-full bg-surface-2">
          <Icon aria-hidden size={16} className="text-muted" />
        </span>
        {!isLast && <span aria-hidden className="w-px flex-1 bg-line" />}
      </div>
      <div className={`min-w-0 flex-1 pt-0.5 ${isLast ? 'pb-1' : 'pb-5'}`}>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <CopyStatePill state={event.to} />
          <span className="text-muted text-sm">
            {day !== null && <span className="whitespace-nowrap">{day}, </span>}
            <Moment at={event.at} format="exact" />
          </span>
          {sinceFirst !== null && (
            <span className="figures ml-auto whitespace-nowrap text-muted text-sm">
              {since(sinceFirst)}
            </span>
          )}
        </p>
        <p className="mt-1 text-pretty">
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

  function causeText(cause: string): string {
    const isKnown = (word: string): word is Cause => word in causes;
    return isKnown(cause) ? t(`causes.${cause}`) : cause;
  }
}

/** Milliseconds tell how fast it was; hours later they only fill the line. */
function useSince(): (ms: number) => string {
  const t = useTranslations('copy.since');
  return (ms) => {
    if (ms < 10_000) return t('ms', { ms });
    if (ms < 120_000) return t('seconds', { s: Math.round(ms / 1000) });
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 120) return t('minutes', { m: minutes });
    return t('hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
  };
}

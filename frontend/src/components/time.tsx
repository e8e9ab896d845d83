import { useFormatter, useTimeZone, useTranslations } from 'use-intl';
import type { formats } from '@/lib/i18n/i18n';
import { useSecondsSince } from '@/lib/time';

/** A moment in the user's zone. The full date is in the title. */
export function Moment({
  at,
  format = 'short',
}: {
  at: string;
  format?: keyof typeof formats.dateTime;
}) {
  const formatter = useFormatter();
  const date = new Date(at);
  return (
    <time
      dateTime={at}
      title={formatter.dateTime(date, 'full')}
      className="figures whitespace-nowrap"
    >
      {formatter.dateTime(date, format)}
    </time>
  );
}

/** How long ago, ticking: `12 s ago`. */
export function Ago({ at }: { at: string }) {
  const t = useTranslations('common');
  const seconds = useSecondsSince(at);
  const formatter = useFormatter();
  const [value, unit] = largest(seconds);
  const age = formatter.number(value, { style: 'unit', unit, unitDisplay: 'short' });
  return (
    <time
      dateTime={at}
      title={formatter.dateTime(new Date(at), 'full')}
      className="figures whitespace-nowrap"
    >
      {t('ago', { age })}
    </time>
  );
}

/** Writes a length of time in words, in the largest unit that it fills: `40 seconds`, `2 hours`. */
export function useSpanText(): (seconds: number) => string {
  const formatter = useFormatter();
  return (seconds) => {
    const [value, unit] = largest(seconds);
    return formatter.number(value, { style: 'unit', unit, unitDisplay: 'long' });
  };
}

function largest(seconds: number): [number, 'second' | 'minute' | 'hour' | 'day'] {
  if (seconds < 60) return [seconds, 'second'];
  if (seconds < 3_600) return [Math.floor(seconds / 60), 'minute'];
  if (seconds < 86_400) return [Math.floor(seconds / 3_600), 'hour'];
  return [Math.floor(seconds / 86_400), 'day'];
}

/** Names the zone, once per page. */
export function TimeZoneNote() {
  const t = useTranslations('common');
  const zone = useTimeZone();
  return <p className="mt-4 text-muted text-xs">{t('timeZone', { zone: zone ?? 'UTC' })}</p>;
}

import { useFormatter, useTranslations } from 'use-intl';
import { useSecondsUntil } from '@/lib/time';

/** How long it is until `at`, ticking in place: `in 3 h 05 min`. */
export function Countdown({ at }: { at: string }) {
  const t = useTranslations('riskWords');
  const formatter = useFormatter();
  const seconds = useSecondsUntil(at);
  const write = (value: number, unit: 'hour' | 'minute' | 'second') =>
    formatter.number(value, { style: 'unit', unit, unitDisplay: 'short' });
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts =
    hours > 0
      ? [write(hours, 'hour'), write(minutes, 'minute')]
      : minutes > 0
        ? [write(minutes, 'minute'), ...(minutes < 5 ? [write(seconds % 60, 'second')] : [])]
        : [write(seconds, 'second')];
  return (
    <time
      dateTime={at}
      title={formatter.dateTime(new Date(at), 'full')}
      className="figures whitespace-nowrap"
    >
      {seconds === 0 ? t('now') : t('in', { time: parts.join(' ') })}
    </time>
  );
}

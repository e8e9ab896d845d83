import { useFormatter } from 'use-intl';
import { Moment } from './time';

const WITH_YEAR = {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
} as const;

/** A moment in a list that goes back over years: with its year, unless that is the present one. */
export function DatedMoment({ at }: { at: string }) {
  const formatter = useFormatter();
  const date = new Date(at);
  const yearOf = (moment: Date) => formatter.dateTime(moment, { year: 'numeric' });
  if (yearOf(date) === yearOf(new Date())) return <Moment at={at} />;
  return (
    <time
      dateTime={at}
      title={formatter.dateTime(date, 'full')}
      className="figures whitespace-nowrap"
    >
      {formatter.dateTime(date, WITH_YEAR)}
    </time>
  );
}

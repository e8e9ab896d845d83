import { Hand } from 'lucide-react';
import { useFormatter, useTranslations } from 'use-intl';
import type { RiskDay } from '@/api/types';
import { Delta, Money } from '@/components/figures';
import { shadeOf, useBriefAmount } from '@/components/month-grid';
import { Facts } from '@/components/page';
import { strength } from '@/lib/calendar';
import { sign } from '@/lib/decimal';
import { LOOKS } from '../status';
import { StatusPill } from './status-pill';

interface DayCellProps {
  date: string;
  day: RiskDay | undefined;
  /** The largest change of the month, which is tinted most. */
  largest: number;
  currency: string;
  isChosen: boolean;
  onChoose: () => void;
}

/** One day: what it brought, the worst that was known of it, and whether a line was crossed. */
export function DayCell({ date, day, largest, currency, isChosen, onChoose }: DayCellProps) {
  const t = useTranslations();
  const name = useDayName();
  const write = useBriefAmount();
  const number = Number(date.slice(-2));
  if (!day) return <span className="figures block p-1.5 text-muted text-sm">{number}</span>;
  const { change, worst_status: worst, violations } = day;
  const brief = write(change);
  const Icon = violations.length > 0 ? Hand : worst && worst !== 'safe' ? LOOKS[worst].icon : null;
  const look = violations.length > 0 ? LOOKS.violated : worst ? LOOKS[worst] : LOOKS.unknown;
  const said = t('risk.days.of', {
    date: name(date),
    result: `${brief} ${currency}`,
    status: t(`riskWords.status.${worst ?? 'unknown'}`),
  });
  const crossed = t('risk.days.crossed', { count: violations.length });
  return (
    <button
      type="button"
      data-day={date}
      aria-pressed={isChosen}
      aria-label={violations.length > 0 ? `${said}, ${crossed}` : said}
      onClick={onChoose}
      className={`flex h-full w-full flex-col items-start gap-0.5 p-1.5 text-left outline-offset-[-2px] hover:brightness-95 ${shadeOf(sign(change) < 0, strength(change, largest))} ${isChosen ? 'ring-2 ring-accent ring-inset' : ''}`}
    >
      <span className="flex w-full items-center justify-between gap-1">
        <span className="figures text-sm">{number}</span>
        {Icon && <Icon aria-hidden size={14} className={look.text} />}
      </span>
      <span className="figures max-w-full truncate font-semibold text-ink text-xs sm:text-base">
        {brief}
      </span>
    </button>
  );
}

function useDayName(): (date: string) => string {
  const format = useFormatter();
  return (date) =>
    format.dateTime(new Date(`${date}T00:00:00Z`), { dateStyle: 'long', timeZone: 'UTC' });
}

/** All that is known of the day that was chosen. */
export function DayDetail({ day, currency }: { day: RiskDay; currency: string }) {
  const t = useTranslations();
  const name = useDayName();
  const { worst_status: worst, violations } = day;
  const money = (value: string) => <Money value={value} currency={currency} />;
  return (
    <section
      aria-label={name(day.label)}
      aria-live="polite"
      className="border-line border-t px-4 py-2"
    >
      <h3 className="flex flex-wrap items-center gap-2 font-medium">
        {name(day.label)}
        {day.running && <span className="text-muted text-sm">{t('risk.days.running')}</span>}
        {worst && <StatusPill status={worst} />}
      </h3>
      <Facts
        facts={[
          { name: t('risk.days.change'), value: <Delta value={day.change} currency={currency} /> },
          { name: t('risk.days.closed'), value: <Delta value={day.closed} currency={currency} /> },
          { name: t('risk.days.start'), value: money(day.start_equity) },
          { name: t('risk.days.low'), value: money(day.low_equity) },
          { name: t('risk.days.high'), value: money(day.high_equity) },
          ...(violations.length > 0
            ? [
                {
                  name: t('risk.violations.title'),
                  value: violations.map((kind) => t(`riskWords.kinds.${kind}`)).join(', '),
                },
              ]
            : []),
        ]}
      />
    </section>
  );
}

import { Link } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { useFormatter, useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';

/** What could not be told in the currency asked for, and where to help that. Nothing where all could. */
export function MissingRates({ stats }: { stats: Stats }) {
  const t = useTranslations('stats.rates');
  const format = useFormatter();
  const { missing_rates: missing, unconverted_trades: count } = stats;
  if (missing.length === 0) return null;
  const day = (date: string) =>
    format.dateTime(new Date(`${date}T00:00:00Z`), { dateStyle: 'medium', timeZone: 'UTC' });
  return (
    <div
      role="status"
      className="mb-4 flex items-start gap-2 rounded-card border border-line bg-surface-1 px-4 py-3"
    >
      <CircleAlert aria-hidden size={16} className="mt-1 shrink-0 text-caution" />
      <div className="min-w-0 text-pretty">
        <p>{t(count > 0 ? 'left' : 'unknown', { count })}</p>
        <ul className="text-muted">
          {missing.map(({ currency, base_currency: base, from }) => (
            <li key={currency}>{t('missing', { currency, base, day: day(from) })}</li>
          ))}
        </ul>
        <Link to="/settings" hash="currency-rates" className="text-accent hover:underline">
          {t('add')}
        </Link>
      </div>
    </div>
  );
}

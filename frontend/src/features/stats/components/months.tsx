import { useFormatter, useTranslations } from 'use-intl';
import type { Stats } from '@/api/types';
import { Delta, NoValue } from '@/components/figures';
import { Card } from '@/components/page';
import { sign } from '@/lib/decimal';
import { byMonth, type MonthRow } from '../curve';

const MONTHS = Array.from({ length: 12 }, (_, month) => month);

/** Results month by month; on narrow screens it scrolls sideways. */
export function Months({ days, currency }: { days: Stats['days']; currency: string }) {
  const t = useTranslations('stats.months');
  const format = useFormatter();
  const rows = byMonth(days);
  const name = (month: number) =>
    format.dateTime(new Date(Date.UTC(2026, month, 1)), { month: 'short', timeZone: 'UTC' });
  if (rows.length === 0) return null;
  return (
    <Card title={t('title', { currency })} isFlush>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms, and the card is the landmark */}
      <div
        role="group"
        className="overflow-x-auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t('title', { currency })}
      >
        <table className="w-full text-sm">
          <thead>
            <tr>
              <th scope="col" className="px-3 py-2 pl-4 text-left font-medium text-muted">
                {t('year')}
              </th>
              {MONTHS.map((month) => (
                <th key={month} scope="col" className="px-2 py-2 text-right font-medium text-muted">
                  {name(month)}
                </th>
              ))}
              <th scope="col" className="px-2 py-2 pr-4 text-right font-medium text-muted">
                {t('total')}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Year key={row.year} row={row} currency={currency} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Year({ row, currency }: { row: MonthRow; currency: string }) {
  const format = useFormatter();
  return (
    <tr className="border-line border-t">
      <th scope="row" className="figures px-3 py-2 pl-4 text-left font-medium">
        {row.year}
      </th>
      {MONTHS.map((month) => {
        const value = row.months[month] ?? null;
        return (
          <td key={month} className="figures px-2 py-2 text-right">
            {value === null ? (
              <NoValue />
            ) : (
              <span className={sign(value) < 0 ? 'text-negative' : 'text-positive'}>
                {format
                  .number(Number(value), { maximumFractionDigits: 0, signDisplay: 'exceptZero' })
                  .replace('-', '−')}
              </span>
            )}
          </td>
        );
      })}
      <td className="px-2 py-2 pr-4 text-right font-semibold">
        <Delta value={row.total} currency={currency} />
      </td>
    </tr>
  );
}

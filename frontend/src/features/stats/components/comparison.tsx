import { useQuery } from '@tanstack/react-query';
import { Columns3 } from 'lucide-react';
import { lazy, type ReactNode, useMemo } from 'react';
import { useLocale, useTimeZone, useTranslations } from 'use-intl';
import { ChartCard } from '@/components/chart-card';
import { LINE_TOKENS } from '@/components/line-tokens';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { VenueMark } from '@/components/venue-mark';
import { drawable } from '../curve';
import { comparisonQuery } from '../queries';
import { type Compared, ComparedTable } from './compared-table';

const ManyLinesChart = lazy(() => import('@/components/many-lines-chart'));

interface ComparisonProps {
  accountIds: string[];
  /** How an account stands with its rules. */
  standing: (accountId: string) => ReactNode;
}

/** Accounts side by side: each measured against its own start, so that sizes do not matter. */
export function Comparison({ accountIds, standing }: ComparisonProps) {
  const t = useTranslations('stats.compare');
  const compared = useQuery(comparisonQuery(accountIds));
  if (accountIds.length === 0) {
    return (
      <Card isFlush>
        <Empty icon={Columns3} title={t('empty')} hint={t('emptyHint')} />
      </Card>
    );
  }
  if (compared.isPending)
    return (
      <Card isFlush>
        <Loading rows={6} />
      </Card>
    );
  if (compared.isLoadingError) {
    return (
      <Card isFlush>
        <Failure error={compared.error} onRetry={() => void compared.refetch()} />
      </Card>
    );
  }
  const { items } = compared.data;
  return (
    <div className="flex flex-col gap-4">
      <ChartCard
        title={t('chart')}
        note={<Legend items={items} />}
        height="h-72"
        chart={<Drawn items={items} label={t('chart')} />}
        table={<ComparedTable items={items} standing={standing} />}
      />
      <Card title={t('figures')} isFlush>
        <ComparedTable items={items} standing={standing} />
      </Card>
    </div>
  );
}

function Drawn({ items, label }: { items: Compared[]; label: string }) {
  const locale = useLocale();
  const timeZone = useTimeZone() ?? 'UTC';
  const lines = useMemo(
    () =>
      items.map(({ account_id, stats }) => ({
        id: account_id,
        points: drawable(
          stats.curve.flatMap(({ at, of_start }) =>
            of_start ? [{ at, value: String((Number(of_start) - 1) * 100) }] : [],
          ),
        ),
      })),
    [items],
  );
  return <ManyLinesChart label={label} lines={lines} timeZone={timeZone} locale={locale} />;
}

function Legend({ items }: { items: Compared[] }) {
  const t = useTranslations('stats.compare');
  return (
    <>
      <span className="mb-1 flex flex-wrap gap-x-4 gap-y-1 text-ink">
        {items.map(({ account_id, name, capital_level }, at) => (
          <span key={account_id} className="flex max-w-full items-center gap-1.5">
            <span
              aria-hidden
              className="h-0.5 w-4 shrink-0"
              style={{ background: `var(${LINE_TOKENS[at % LINE_TOKENS.length]})` }}
            />
            <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
            <VenueMark accountId={account_id} />
            {capital_level && <span className="whitespace-nowrap text-muted">{capital_level}</span>}
          </span>
        ))}
      </span>
      {t('note')}
    </>
  );
}

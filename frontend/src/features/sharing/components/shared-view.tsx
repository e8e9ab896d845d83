import { useTranslations } from 'use-intl';
import type { SharedFigures } from '@/api/types';
import { Card } from '@/components/page';
import { Moment, TimeZoneNote, useSpanText } from '@/components/time';
import { SharedCurve } from './shared-curve';
import { SharedPositions, SharedTrades } from './shared-rows';
import { SharedTiles } from './shared-tiles';

/** What a link shows: the parts that its owner chose. */
export function SharedView({ figures }: { figures: SharedFigures }) {
  const t = useTranslations('shares');
  const { statistics, curve, trades, positions } = figures;
  return (
    <>
      <Heading figures={figures} />
      {statistics && <SharedTiles statistics={statistics} figures={figures} />}
      <div className="flex flex-col gap-4">
        {curve && <SharedCurve curve={curve} currency={figures.currency} />}
        {positions && (
          <Card title={t('sections.positions')} isFlush>
            <SharedPositions positions={positions} />
          </Card>
        )}
        {trades && (
          <Card title={t('sections.trades')} isFlush>
            <SharedTrades trades={trades} isMoney={figures.shows_money} />
          </Card>
        )}
      </div>
      <p className="mt-4 text-muted text-sm">
        {t.rich('page.until', { date: () => <Moment at={figures.expires_at} format="date" /> })}
      </p>
      <TimeZoneNote />
    </>
  );
}

function Heading({ figures }: { figures: SharedFigures }) {
  const t = useTranslations('shares.page');
  const span = useSpanText();
  const { accounts, as_of: at, delay_minutes: delay, from, to } = figures;
  return (
    <div className="mb-5">
      <h1 className="font-semibold text-xl [overflow-wrap:anywhere]">
        {figures.name ?? t('title')}
      </h1>
      {accounts.length > 0 && (
        <p className="mt-1 [overflow-wrap:anywhere]">{accounts.join(', ')}</p>
      )}
      <p className="mt-1 text-pretty text-muted">
        {t.rich(delay === 0 ? 'asOf' : 'delayed', {
          at: () => <Moment at={at} format="full" />,
          span: span(delay * 60),
        })}
      </p>
      {(from ?? to) !== null && (
        <p className="text-muted">
          {t('period')}: {from === null ? '…' : <Moment at={from} format="date" />}
          {' – '}
          {to === null ? '…' : <Moment at={lastOf(to)} format="date" />}
        </p>
      )}
    </div>
  );
}

/** The last moment before the end, which is no part of the time. */
function lastOf(end: string): string {
  return new Date(Date.parse(end) - 1).toISOString();
}

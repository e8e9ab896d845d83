import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, Trade } from '@/api/types';
import { Delta, Figure, Multiple, NoValue, Percent } from '@/components/figures';
import { Floating } from '@/components/floating';
import { Facts } from '@/components/page';
import { Pill } from '@/components/pill';
import { Failure, Loading } from '@/components/states';
import { Moment, useSpanText } from '@/components/time';
import { Drawer } from '@/components/ui/drawer';
import { VenueMark } from '@/components/venue-mark';
import { mostDecimals } from '@/lib/decimal';
import { prepareTexts } from '@/lib/i18n/provider';
import { tradeQuery } from '../queries';
import { Annotations } from './annotations';
import { Executions } from './executions';
import { Direction } from './trade-columns';

/** With its words, once the figures are there. */
const Screenshots = lazy(async () => {
  const [{ Screenshots }] = await Promise.all([import('./screenshots'), prepareTexts('picturing')]);
  return { default: Screenshots };
});

interface TradeDrawerProps {
  /** None: it is closed. */
  tradeId: string | undefined;
  accounts: ReadonlyMap<string, Account>;
  onClose: () => void;
  /** What can be done to it, at its end. */
  actions: (trade: Trade) => ReactNode;
}

/** Everything about one trade. */
export function TradeDrawer({ tradeId, accounts, onClose, actions }: TradeDrawerProps) {
  const t = useTranslations('trades');
  return (
    <Drawer isOpen={tradeId !== undefined} onClose={onClose} title={t('detail.title')}>
      {tradeId !== undefined && (
        <Body key={tradeId} tradeId={tradeId} accounts={accounts} actions={actions} />
      )}
    </Drawer>
  );
}

interface BodyProps extends Pick<TradeDrawerProps, 'accounts' | 'actions'> {
  tradeId: string;
}

function Body({ tradeId, accounts, actions }: BodyProps) {
  const trade = useQuery(tradeQuery(tradeId));
  if (trade.isPending) return <Loading rows={8} />;
  if (trade.isLoadingError)
    return <Failure error={trade.error} onRetry={() => void trade.refetch()} />;
  const account = accounts.get(trade.data.account_id);
  return <Detail trade={trade.data} account={account} actions={actions} />;
}

interface DetailProps extends Pick<TradeDrawerProps, 'actions'> {
  trade: Trade;
  account: Account | undefined;
}

function Detail({ trade, account, actions }: DetailProps) {
  const t = useTranslations('trades');
  const currency = account?.currency ?? '';
  return (
    <div className="flex flex-col gap-5 p-4">
      <div>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="font-semibold text-xl [overflow-wrap:anywhere]">{trade.symbol}</h3>
          <Direction {...trade} />
          <Pill tone={trade.status === 'open' ? 'safe' : 'neutral'}>
            {t(`statuses.${trade.status}`)}
          </Pill>
        </div>
        <p className="mt-1 text-muted">
          {account && (
            <>
              <Link
                to="/dashboard/$accountId"
                params={{ accountId: account.id }}
                className="text-accent underline"
              >
                {account.name}
              </Link>{' '}
              <span className="inline-flex flex-wrap items-center gap-x-2 empty:hidden">
                <VenueMark accountId={account.id} showsKey />
              </span>
              {' · '}
            </>
          )}
          {t(`sources.${trade.source}`)}
        </p>
        <p className="mt-3 font-semibold text-2xl">
          {trade.status === 'open' ? (
            <Floating position={trade} currency={currency} />
          ) : (
            <Delta value={trade.pnl} currency={currency} />
          )}
        </p>
        {trade.pnl_source && (
          <p className="text-muted text-sm">{t(`detail.pnlSources.${trade.pnl_source}`)}</p>
        )}
      </div>
      <TradeFacts trade={trade} currency={currency} />
      <Executions trade={trade} currency={currency} />
      <Annotations key={trade.id} trade={trade} />
      <Suspense fallback={<Loading rows={2} />}>
        <Screenshots tradeId={trade.id} />
      </Suspense>
      {actions(trade)}
    </div>
  );
}

function TradeFacts({ trade, currency }: { trade: Trade; currency: string }) {
  const t = useTranslations('trades');
  const span = useSpanText();
  const places = mostDecimals(
    trade.entry_price,
    trade.exit_price,
    trade.stop_loss,
    trade.take_profit,
  );
  const price = (value: string | null | undefined) => <Figure value={value} places={places} />;
  const r = trade.r_multiple;
  return (
    <Facts
      facts={[
        {
          name: t('detail.r'),
          value: r ? <Multiple value={r} /> : <NoValue />,
        },
        { name: t('detail.percent'), value: <Percent value={trade.pnl_percent} /> },
        { name: t('detail.assetType'), value: t(`assetTypes.${trade.asset_type}`) },
        { name: t('columns.quantity'), value: <Figure value={trade.quantity} /> },
        { name: t('detail.multiplier'), value: <Figure value={trade.multiplier} /> },
        { name: t('columns.entryPrice'), value: price(trade.entry_price) },
        { name: t('columns.exitPrice'), value: price(trade.exit_price) },
        {
          name: t('columns.limits'),
          value: (
            <>
              {price(trade.stop_loss)} / {price(trade.take_profit)}
            </>
          ),
        },
        { name: t('columns.entry'), value: <Moment at={trade.entry_at} format="full" /> },
        {
          name: t('columns.exit'),
          value: trade.exit_at ? <Moment at={trade.exit_at} format="full" /> : <NoValue />,
        },
        ...(trade.exit_at
          ? [
              {
                name: t('detail.held'),
                value: span(
                  Math.max(
                    0,
                    Math.floor((Date.parse(trade.exit_at) - Date.parse(trade.entry_at)) / 1000),
                  ),
                ),
              },
            ]
          : []),
        { name: t('detail.fees'), value: <Delta value={minus(trade.fees)} currency={currency} /> },
        { name: t('detail.swap'), value: <Delta value={trade.swap} currency={currency} /> },
        ...(trade.mae
          ? [{ name: t('detail.worst'), value: <Delta value={trade.mae} currency={currency} /> }]
          : []),
        ...(trade.mfe
          ? [{ name: t('detail.best'), value: <Delta value={trade.mfe} currency={currency} /> }]
          : []),
        ...(trade.external_id
          ? [
              {
                name: t('detail.number'),
                value: <span className="figures">{trade.external_id}</span>,
              },
            ]
          : []),
      ]}
    />
  );
}

/** Fees are written as what was paid; shown they are what they took. */
function minus(fees: string): string {
  if (fees.startsWith('-')) return fees.slice(1);
  return /[1-9]/.test(fees) ? `-${fees}` : fees;
}

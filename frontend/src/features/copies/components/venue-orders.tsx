import { CircleHelp } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { CopyDetail, VenueOrder } from '@/api/types';
import { Figure, Percent } from '@/components/figures';
import { Card, Facts } from '@/components/page';
import { Pill } from '@/components/pill';
import { Moment } from '@/components/time';
import { CopyButton } from '@/components/ui/copy-button';
import { compare, mostDecimals, sign } from '@/lib/decimal';
import { useMs } from '../latency';
import { ORDER_LOOKS } from '../states';

/** What was asked of an exchange for one copy, order by order, with the names under which it knows them. */
export function VenueOrders({ copy }: { copy: CopyDetail }) {
  const t = useTranslations('copy.orders');
  if (copy.orders.length === 0) return null;
  return (
    <Card title={t('title')} isFlush>
      <ol className="divide-y divide-line">
        {copy.orders.map((order) => (
          <Order key={order.client_id} order={order} />
        ))}
      </ol>
    </Card>
  );
}

function Order({ order }: { order: VenueOrder }) {
  const t = useTranslations('copy.orders');
  const { leg, version, state, direction, symbol, words } = order;
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-medium">
          {t(`legs.${leg}`, { version })} · {symbol} {t(direction === 'LONG' ? 'long' : 'short')}
        </h3>
        <Pill {...ORDER_LOOKS[state]}>{t(`states.${state}`)}</Pill>
      </div>
      {state === 'unknown' && (
        <p className="mt-1 flex items-start gap-2 text-pretty">
          <CircleHelp aria-hidden size={16} className="mt-0.5 shrink-0 text-caution" />
          {t('unknownHint')}
        </p>
      )}
      {words && (
        <p className="mt-1 text-muted text-sm [overflow-wrap:anywhere]">
          {t('said', { text: words })}
        </p>
      )}
      <Facts facts={useFacts(order)} />
    </li>
  );
}

function useFacts(order: VenueOrder): { name: string; value: ReactNode }[] {
  const t = useTranslations('copy.orders');
  const ms = useMs();
  const { quantity, filled, average_price: price, slippage, fee, answered_at: answered } = order;
  const places = mostDecimals(quantity, filled);
  const took = answered ? Date.parse(answered) - Date.parse(order.sent_at) : null;
  const isOurs = order.leg !== 'external';
  return [
    {
      name: t('filled'),
      value: (
        <>
          <Figure value={filled} places={places} /> / <Figure value={quantity} places={places} />
        </>
      ),
    },
    ...(price ? [{ name: t('price'), value: <Figure value={price} /> }] : []),
    ...(slippage ? [{ name: t('slippage'), value: <Slippage value={slippage} /> }] : []),
    ...(fee
      ? [
          {
            name: t('fee'),
            value: (
              <>
                <Figure value={fee} /> {order.fee_asset}
              </>
            ),
          },
        ]
      : []),
    ...(isOurs
      ? [{ name: t('clientId'), value: <Name text={order.client_id} of="clientId" /> }]
      : []),
    ...(order.order_id
      ? [{ name: t('orderId'), value: <Name text={order.order_id} of="orderId" /> }]
      : []),
    ...(isOurs
      ? [
          {
            name: t('sent'),
            value: (
              <>
                <Moment at={order.sent_at} format="exact" />
                {order.sendings > 1 && ` ${t('sendings', { count: order.sendings })}`}
              </>
            ),
          },
        ]
      : []),
    ...(took !== null && took >= 0 ? [{ name: t('answered'), value: ms(String(took)) }] : []),
  ];
}

/** Less is written as less than this. */
const SEEN = '0.00001';

/** Against the master's price. */
function Slippage({ value }: { value: string }) {
  const t = useTranslations('copy.orders');
  const direction = sign(value);
  if (direction === 0) return t('samePrice');
  const size = value.replace('-', '');
  const isTiny = compare(size, SEEN) < 0;
  return t.rich(direction > 0 ? 'worse' : 'better', {
    value: () => (
      <>
        {isTiny && '< '}
        <Percent value={isTiny ? SEEN : size} places={3} />
      </>
    ),
  });
}

function Name({ text, of }: { text: string; of: 'clientId' | 'orderId' }) {
  const t = useTranslations('copy.orders');
  return (
    <span className="-my-2 inline-flex min-w-0 items-center justify-end font-mono text-sm">
      <span className="min-w-0 [overflow-wrap:anywhere]">{text}</span>
      <CopyButton text={text} what={t(of)} />
    </span>
  );
}

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Copy } from '@/api/types';
import { Figure, NoValue } from '@/components/figures';
import { Card, Facts } from '@/components/page';
import { compare, sign } from '@/lib/decimal';
import { pricePlaces } from '../prices';
import { lotsOf } from './copy-parts';

/** The figures of one copy, beside those of the master's trade. */
export function CopyFacts({ copy }: { copy: Copy }) {
  const t = useTranslations('copy');
  const places = pricePlaces(copy);
  const price = (value: string | null | undefined) => <Figure value={value} places={places} />;
  const lots = (value: string | null | undefined) => <Figure value={value} places={2} />;
  const isOpen = sign(copy.open_lots) > 0;
  const isOver = ['skipped', 'failed', 'closed'].includes(copy.state);
  const isChanging = !isOver && compare(copy.desired_lots, copy.open_lots) !== 0;
  return (
    <Card title={t('facts')}>
      <table className="w-full">
        <thead>
          <tr className="text-muted text-sm">
            <td />
            <th scope="col" className="py-1.5 pl-3 text-right font-medium">
              {t('columns.master')}
            </th>
            <th scope="col" className="py-1.5 pl-3 text-right font-medium">
              {t('columns.copy')}
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-line border-y">
          <Pair name={t('lots')} master={lots(copy.master_lots)} copy={lots(lotsOf(copy))} />
          <Pair name={t('entry')} master={price(copy.master_price)} copy={price(copy.open_price)} />
        </tbody>
      </table>
      <Facts
        facts={[
          ...(isOpen ? [{ name: t('openLots'), value: lots(copy.open_lots) }] : []),
          ...(isChanging ? [{ name: t('desiredLots'), value: lots(copy.desired_lots) }] : []),
          { name: t('stopLoss'), value: price(copy.stop_loss) },
          { name: t('takeProfit'), value: price(copy.take_profit) },
          { name: t('closePrice'), value: price(copy.close_price) },
          { name: t('masterTicket'), value: <Ticket of={copy.master_ticket} /> },
          { name: t('followerTicket'), value: <Ticket of={copy.follower_ticket} /> },
        ]}
      />
    </Card>
  );
}

function Pair({ name, master, copy }: { name: string; master: ReactNode; copy: ReactNode }) {
  return (
    <tr>
      <th scope="row" className="py-2 text-left font-normal text-muted">
        {name}
      </th>
      <td className="py-2 pl-3 text-right">{master}</td>
      <td className="py-2 pl-3 text-right">{copy}</td>
    </tr>
  );
}

function Ticket({ of }: { of: string | null | undefined }) {
  if (!of) return <NoValue />;
  return <span className="figures whitespace-nowrap">{of}</span>;
}

import { useTranslations } from 'use-intl';
import type { Copy } from '@/api/types';
import { Delta, Figure } from '@/components/figures';
import { Card, Facts } from '@/components/page';
import { add } from '@/lib/decimal';

interface CopyFactsProps {
  copy: Copy;
  currency: string;
}

/** The figures of one copy. */
export function CopyFacts({ copy, currency }: CopyFactsProps) {
  const t = useTranslations('copy');
  return (
    <Card title={t('facts')}>
      <Facts
        facts={[
          { name: t('masterLots'), value: <Figure value={copy.master_lots} places={2} /> },
          { name: t('desiredLots'), value: <Figure value={copy.desired_lots} places={2} /> },
          { name: t('openedLots'), value: <Figure value={copy.opened_lots} places={2} /> },
          { name: t('openLots'), value: <Figure value={copy.open_lots} places={2} /> },
          { name: t('masterPrice'), value: <Figure value={copy.master_price} /> },
          { name: t('openPrice'), value: <Figure value={copy.open_price} /> },
          { name: t('closePrice'), value: <Figure value={copy.close_price} /> },
          { name: t('stopLoss'), value: <Figure value={copy.stop_loss} /> },
          { name: t('takeProfit'), value: <Figure value={copy.take_profit} /> },
          { name: t('result'), value: <Delta value={copy.pnl} currency={currency} /> },
          {
            name: t('followerTicket'),
            value: <span className="figures">{copy.follower_ticket ?? '–'}</span>,
          },
        ]}
      />
    </Card>
  );
}

const PARTS = ['read_to_commit', 'commit_to_send', 'send_to_ack'] as const;
const PART_COLOURS = {
  read_to_commit: 'bg-stale',
  commit_to_send: 'bg-caution',
  send_to_ack: 'bg-accent',
} as const;

/** Where the time went between the master's line and the follower's answer. */
export function CopyLatency({ latency }: { latency: Copy['latency_ms'] }) {
  const t = useTranslations('copy');
  const parts = PARTS.flatMap((part) => {
    const value = latency[part];
    return value ? [{ part, value }] : [];
  });
  if (parts.length === 0) return null;
  const total = parts.reduce((sum, { value }) => add(sum, value), '0');
  return (
    <Card
      title={t('latency')}
      aside={
        parts.length > 1 && (
          <span className="figures mr-2 text-muted text-sm">
            {t('latencyTotal', { value: total })}
          </span>
        )
      }
    >
      <div aria-hidden className="mb-2 flex h-2 gap-px overflow-hidden rounded-full">
        {parts.map(({ part, value }) => (
          <span
            key={part}
            className={`min-w-1 ${PART_COLOURS[part]}`}
            style={{ flexGrow: Number(value) }}
          />
        ))}
      </div>
      <Facts
        facts={parts.map(({ part, value }) => ({
          name: t(`latencies.${part}`),
          value: (
            <span className="inline-flex items-center gap-2">
              <span aria-hidden className={`size-2 rounded-full ${PART_COLOURS[part]}`} />
              <span className="figures">{t('ms', { value })}</span>
            </span>
          ),
        }))}
      />
    </Card>
  );
}

import { useTranslations } from 'use-intl';
import type { Copy } from '@/api/types';
import { Card } from '@/components/page';
import { type Leg, legsOf, type Stretch, totalOf, useMs } from '../latency';

const COLOURS: Record<Stretch, string> = {
  read_to_commit: 'bg-stale',
  commit_to_send: 'bg-caution',
  send_to_ack: 'bg-accent',
};

/** Where the time went between the master's line and the follower's answer: each leg begins where the one before ends. */
export function CopyLatency({ latency }: { latency: Copy['latency_ms'] }) {
  const t = useTranslations('copy');
  const ms = useMs();
  const legs = legsOf(latency);
  const total = totalOf(latency);
  if (legs.length === 0) return null;
  return (
    <Card
      title={t('latency')}
      aside={
        total !== null && (
          <span className="figures mr-2 text-muted text-sm">
            {t('latencyTotal', { time: ms(total) })}
          </span>
        )
      }
    >
      <ol className="flex flex-col gap-3">
        {legs.map((leg) => (
          <Bar key={leg.stretch} leg={leg} time={ms(leg.value)} />
        ))}
      </ol>
    </Card>
  );
}

/** The words say what the bar shows. */
function Bar({ leg, time }: { leg: Leg; time: string }) {
  const t = useTranslations('copy');
  const { stretch, from, share } = leg;
  return (
    <li>
      <p className="flex items-baseline justify-between gap-4">
        <span className="text-muted">{t(`latencies.${stretch}`)}</span>
        <span className="figures whitespace-nowrap">{time}</span>
      </p>
      <div aria-hidden className="relative mt-1 h-2 overflow-hidden rounded-full bg-surface-2">
        <span
          className={`absolute inset-y-0 min-w-1 rounded-full ${COLOURS[stretch]}`}
          style={{ left: `min(${from * 100}%, 100% - 4px)`, width: `${share * 100}%` }}
        />
      </div>
    </li>
  );
}

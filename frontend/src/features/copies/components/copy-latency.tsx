import { useTranslations } from 'use-intl';
import type { CopyDetail } from '@/api/types';
import { Card, Facts } from '@/components/page';
import { type Leg, legsOf, type Stretch, settledOf, totalOf, useMs } from '../latency';

const COLOURS: Record<Stretch, string> = {
  read_to_commit: 'bg-stale',
  commit_to_send: 'bg-caution',
  send_to_ack: 'bg-accent',
};

/** Where the time went between the master's line and the follower's answer: each leg begins where the one before ends. */
export function CopyLatency({ copy }: { copy: CopyDetail }) {
  const t = useTranslations('copy');
  const ms = useMs();
  const legs = legsOf(copy.latency_ms);
  const total = totalOf(copy.latency_ms);
  const settled = settledOf(copy.events);
  const facts = (['open', 'close'] as const).flatMap((which) => {
    const value = settled[which];
    return value === null ? [] : [{ name: t(`settled.${which}`), value: ms(value) }];
  });
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
      {facts.length > 0 && (
        <div className="mt-3 border-line border-t pt-1 text-sm">
          <Facts facts={facts} />
        </div>
      )}
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

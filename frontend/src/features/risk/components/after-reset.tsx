import { Moon } from 'lucide-react';
import { useTimeZone, useTranslations } from 'use-intl';
import type { AccountRisk, RuleRisk } from '@/api/types';
import { Countdown } from '@/components/countdown';
import { Card } from '@/components/page';
import { Moment } from '@/components/time';
import { clockNews } from '../clock';
import { useAmount, useRoomText } from './room';
import { StatusPill } from './status-pill';

/** When the account's own day ends, and where the lines will be then if nothing changes. */
export function AfterReset({ risk }: { risk: AccountRisk }) {
  const t = useTranslations('risk.reset');
  const own = useTimeZone() ?? 'UTC';
  const { next_reset_at, phase, after_reset, rules } = risk;
  if (!next_reset_at || !phase) return null;
  const { tz, reset } = phase.day;
  const news = clockNews(tz, risk.computed_at, next_reset_at);
  return (
    <Card title={t('title')}>
      <p className="flex items-baseline gap-2">
        <span className="font-semibold text-lg">
          <Countdown at={next_reset_at} />
        </span>
      </p>
      <p className="text-muted text-sm">
        {t('clock', { reset, zone: tz })}
        {own !== tz && (
          <> · {t.rich('own', { at: () => <Moment at={next_reset_at} />, zone: own })}</>
        )}
      </p>
      {news && (
        <p className="mt-2 text-caution text-pretty text-sm">{t(`clocks.${news}`, { zone: tz })}</p>
      )}
      {after_reset.length > 0 && (
        <>
          <p className="mt-3 flex items-start gap-2 border-line border-t pt-3 text-muted text-pretty text-sm">
            <Moon aria-hidden size={16} className="mt-0.5 shrink-0" />
            {t('preview')}
          </p>
          <ul className="mt-2 flex flex-col gap-3">
            {after_reset.map((after) => (
              <Line
                key={after.rule_id}
                after={risk.stale ? { ...after, status: 'stale' } : after}
                rule={rules.find(({ rule_id }) => rule_id === after.rule_id)}
                currency={risk.currency}
                accountsAt={next_reset_at}
              />
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

interface LineProps {
  after: AccountRisk['after_reset'][number];
  rule: RuleRisk | undefined;
  currency: string;
  /** When the account's own day ends; that of a rule may end at another time. */
  accountsAt: string;
}

function Line({ after, rule, currency, accountsAt }: LineProps) {
  const t = useTranslations();
  const write = useAmount();
  const text = useRoomText();
  return (
    <li className="flex flex-col gap-1">
      <span className="flex flex-wrap items-center justify-between gap-2">
        <span className="font-medium">
          {rule ? t(`riskWords.kinds.${rule.kind}`) : after.rule_id}
        </span>
        <StatusPill status={after.status} />
      </span>
      <span className="figures text-sm">
        {after.at !== accountsAt && (
          <>
            <Moment at={after.at} /> ·{' '}
          </>
        )}
        {t('risk.reset.floor', { amount: write(after.floor, 'money', currency) })} ·{' '}
        {text(after.buffer, 'money', currency)}
      </span>
    </li>
  );
}

import { CircleCheck, CircleDashed, CircleSlash } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { AccountRisk, RiskObjective } from '@/api/types';
import { Figure } from '@/components/figures';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { PercentLeft, useAmount } from './room';

const STATES = {
  met: { icon: CircleCheck, tone: 'safe' },
  open: { icon: CircleDashed, tone: 'neutral' },
  blocked: { icon: CircleSlash, tone: 'caution' },
} as const;

/** What is to be reached in this phase. */
export function Objectives({ risk }: { risk: AccountRisk }) {
  const t = useTranslations('risk.objectives');
  if (risk.objectives.length === 0) return null;
  return (
    <Card title={t('title')} isFlush>
      <ul className="divide-y divide-line">
        {risk.objectives.map((objective) => (
          <Objective key={objective.rule_id} objective={objective} currency={risk.currency} />
        ))}
      </ul>
    </Card>
  );
}

function Objective({ objective, currency }: { objective: RiskObjective; currency: string }) {
  const t = useTranslations();
  const { kind, state, progress_percent } = objective;
  const { icon, tone } = STATES[state];
  return (
    <li className="flex flex-col gap-2 px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="font-medium">{t(`riskWords.kinds.${kind}`)}</span>
        <Pill tone={tone} icon={icon}>
          {t(`risk.objectives.states.${state}`)}
        </Pill>
      </div>
      <p className="figures text-sm">
        <Said objective={objective} currency={currency} />
      </p>
      {progress_percent && (
        <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-surface-2">
          <div
            className="h-full bg-accent-fill"
            style={{ width: `${Math.min(100, Math.max(0, Number(progress_percent)))}%` }}
          />
        </div>
      )}
    </li>
  );
}

function Said({ objective, currency }: { objective: RiskObjective; currency: string }) {
  const t = useTranslations('risk.objectives');
  const write = useAmount();
  const money = (value: string) => write(value, 'money', currency);
  const { kind, current, target, remaining, progress_percent, best_day, allowed } = objective;
  if (kind === 'min_trading_days' && current && target) return t('days', { current, target });
  if (kind === 'consistency' && best_day) {
    const { extra_profit_needed, ratio_percent } = objective;
    return (
      <>
        {t('best', { amount: money(best_day) })}
        {ratio_percent && (
          <>
            {' '}
            (<PercentLeft value={ratio_percent} />)
          </>
        )}
        {allowed && <> · {t('allowed', { amount: money(allowed) })}</>}
        {extra_profit_needed && extra_profit_needed !== '0' && objective.state === 'blocked' && (
          <> · {t('extra', { amount: money(extra_profit_needed) })}</>
        )}
      </>
    );
  }
  if (!current || !target) return <Figure value={null} />;
  return (
    <>
      {t('profit', { current: money(current), target: money(target) })}
      {progress_percent && (
        <>
          {' '}
          (<PercentLeft value={progress_percent} />)
        </>
      )}
      {remaining && objective.state !== 'met' && (
        <> · {t('remaining', { amount: money(remaining) })}</>
      )}
    </>
  );
}

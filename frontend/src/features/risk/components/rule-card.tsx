import { Lock } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { AccountRisk, RuleRisk } from '@/api/types';
import { Pill } from '@/components/pill';
import { DistanceBar } from './distance-bar';
import { HowMade } from './how-made';
import { PercentLeft, useAmount, useRoomText } from './room';
import { StatusPill } from './status-pill';

/** All limits of an account, the weakest first. */
export function RuleList({ risk }: { risk: AccountRisk }) {
  const { weakest_rule_id } = risk;
  const place = ({ rule_id, buffer_percent }: RuleRisk) =>
    rule_id === weakest_rule_id ? Number.NEGATIVE_INFINITY : Number(buffer_percent ?? -1);
  const rules = [...risk.rules].sort((a, b) => place(a) - place(b));
  return (
    <ul className="divide-y divide-line">
      {rules.map((rule) => (
        <RuleCard
          key={rule.rule_id}
          rule={rule}
          risk={risk}
          isWeakest={rule.rule_id === weakest_rule_id && rules.length > 1}
        />
      ))}
    </ul>
  );
}

interface RuleCardProps {
  rule: RuleRisk;
  risk: AccountRisk;
  isWeakest: boolean;
}

/** One limit: the figure first, the bar second, and how the figure was made. */
function RuleCard({ rule, risk, isWeakest }: RuleCardProps) {
  const t = useTranslations();
  const text = useRoomText();
  const { kind, unit, buffer, buffer_percent, status, last_known_status, thresholds } = rule;
  const isOld = status === 'stale';
  return (
    <li className="flex flex-col gap-2.5 px-4 py-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h3 className="flex flex-wrap items-center gap-2 font-medium">
          {t(`riskWords.kinds.${kind}`)}
          {isWeakest && <Pill tone="accent">{t('risk.members.weakest')}</Pill>}
          {rule.locked && (
            <Pill tone="neutral" icon={Lock}>
              {t('risk.members.locked')}
            </Pill>
          )}
        </h3>
        <StatusPill status={status} lastKnown={last_known_status} />
      </div>
      <p className={`flex flex-wrap items-baseline gap-x-3 ${isOld ? 'text-muted' : ''}`}>
        <span className="figures font-semibold text-lg">
          {buffer ? text(buffer, unit, risk.currency) : t('risk.rule.notKnown')}
        </span>
        {buffer_percent && (
          <span>
            <PercentLeft value={buffer_percent} />
          </span>
        )}
      </p>
      <DistanceBar percent={buffer_percent ?? null} status={status} marks={thresholds} />
      <Ends rule={rule} currency={risk.currency} />
      {rule.suspected_breach && (
        <p className="text-critical text-pretty text-sm">{t('risk.rule.suspected')}</p>
      )}
      {rule.missing_stop && (
        <p className="text-pretty text-sm text-stale">{t('risk.rule.missingStop')}</p>
      )}
      {rule.day_start_quality === 'missing' && (
        <p className="text-pretty text-sm text-stale">{t('risk.rule.missingStart')}</p>
      )}
      <HowMade rule={rule} risk={risk} />
    </li>
  );
}

/** The line at the one end, and what is held against it. */
function Ends({ rule, currency }: { rule: RuleRisk; currency: string }) {
  const t = useTranslations('risk.rule');
  const write = useAmount();
  const line = rule.floor ?? (rule.unit === 'money' ? null : rule.limit);
  return (
    <p className="flex flex-wrap justify-between gap-x-4 text-muted text-sm">
      {line && (
        <span className="figures">
          {t(rule.floor ? 'floor' : 'cap', { amount: write(line, rule.unit, currency) })}
        </span>
      )}
      {rule.current && (
        <span className="figures">
          {t('now', { amount: write(rule.current, rule.unit, currency) })}
        </span>
      )}
    </p>
  );
}

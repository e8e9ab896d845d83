import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { GroupRisk, KindRisk, RuleKind } from '@/api/types';
import { Card } from '@/components/page';
import { DistanceBar } from './distance-bar';
import { PercentLeft, useRoomText } from './room';
import { StatusPill } from './status-pill';

/** The room under every kind of limit, the one with the least first. */
export function KindBars({ group }: { group: GroupRisk }) {
  const t = useTranslations('risk.group');
  const kinds = Object.entries(group.rule_states) as [RuleKind, KindRisk][];
  if (kinds.length === 0) return null;
  const left = ([, { min_buffer_percent }]: (typeof kinds)[number]) =>
    Number(min_buffer_percent ?? -1);
  return (
    <Card title={t('kinds')} isFlush>
      <ul className="divide-y divide-line">
        {kinds
          .sort((a, b) => left(a) - left(b))
          .map(([kind, state]) => (
            <Kind key={kind} kind={kind} state={state} group={group} />
          ))}
      </ul>
    </Card>
  );
}

interface KindProps {
  kind: RuleKind;
  state: KindRisk;
  group: GroupRisk;
}

function Kind({ kind, state, group }: KindProps) {
  const t = useTranslations();
  const text = useRoomText();
  const { min_buffer, min_buffer_unit, min_buffer_percent } = state;
  // The marks are those of the weakest rule, and say nothing of another one's bar.
  const isOfWeakest = state.min_buffer_percent_account_id === state.weakest_account_id;
  const owner = group.members.find(
    ({ account_id }) => account_id === state.min_buffer_percent_account_id,
  );
  const richest = group.members.find(
    ({ account_id }) => account_id === state.min_buffer_account_id,
  );
  return (
    <li className="flex flex-col gap-2 px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="font-medium">{t(`riskWords.kinds.${kind}`)}</span>
        <StatusPill status={state.status} />
      </div>
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <span className="font-semibold text-lg">
          <PercentLeft value={min_buffer_percent} />
        </span>
        {owner && (
          <Link
            to="/risk/$accountId"
            params={{ accountId: owner.account_id }}
            className="text-accent [overflow-wrap:anywhere] hover:underline"
          >
            {owner.account_name}
          </Link>
        )}
        {min_buffer && (
          <span className="ml-auto text-muted text-sm">
            {text(min_buffer, min_buffer_unit ?? 'money', group.base_currency)}
            {richest && richest !== owner && ` · ${richest.account_name}`}
          </span>
        )}
      </p>
      <DistanceBar
        percent={min_buffer_percent ?? null}
        status={state.status}
        marks={isOfWeakest ? (state.thresholds ?? undefined) : undefined}
      />
      {state.members_without.length > 0 && (
        <p className="text-muted text-sm">
          {t('risk.group.without', { count: state.members_without.length })}
        </p>
      )}
    </li>
  );
}

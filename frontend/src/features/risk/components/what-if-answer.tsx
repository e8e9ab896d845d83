import { useTranslations } from 'use-intl';
import type { GroupRisk, RiskStatus, RiskSummary, WhatIf } from '@/api/types';
import { Figure, Money } from '@/components/figures';
import { mostDecimals } from '@/lib/decimal';
import { StatusPill } from './status-pill';

interface WhatIfAnswerProps {
  answer: WhatIf;
  group: GroupRisk;
  /** What was asked for; null: the largest that is possible. */
  lots: string | null;
  /** It answers the question before: the one to this is on its way. */
  isOfBefore: boolean;
  /** Lots for each lot of the leader. */
  ratioOf: (member: RiskSummary) => string;
}

/** The largest size, who bounds it, and where every account would stand. */
export function WhatIfAnswer({ answer, group, lots, isOfBefore, ratioOf }: WhatIfAnswerProps) {
  const t = useTranslations('risk.whatIf');
  const memberOf = (id: string) => group.members.find(({ account_id }) => account_id === id);
  const name = (id: string) => memberOf(id)?.account_name ?? id;
  const { max_leader_lots, binding, zero_size } = answer;
  const rows = lots !== null && answer.asked.length > 0 ? answer.asked : answer.per_account;
  const places = mostDecimals(...rows.map((row) => row.lots));
  return (
    <div
      role="status"
      aria-busy={isOfBefore}
      className={`flex flex-col gap-3 ${isOfBefore ? 'opacity-60' : ''}`}
    >
      <p>
        <span className="font-semibold text-lg">
          {max_leader_lots ? t('most', { lots: max_leader_lots }) : t('unbounded')}
        </span>
        {binding && (
          <span className="block text-pretty text-sm">
            {t(`bound.${binding.reason}`, { account: name(binding.account_id) })}
          </span>
        )}
      </p>
      <ul className="divide-y divide-line rounded-card border border-line">
        {rows.map(({ account_id, lots, loss, after }) => {
          const member = memberOf(account_id);
          return (
            <li
              key={account_id}
              className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-3 py-2"
            >
              <span className="min-w-0">
                <span className="block font-medium [overflow-wrap:anywhere]">
                  {name(account_id)}
                </span>
                <span className="figures text-muted text-sm">
                  <Figure value={lots} places={places} />
                  {member && ` (× ${ratioOf(member)})`} · {t('loss')}{' '}
                  <Money value={loss} currency={member?.currency ?? ''} />
                </span>
              </span>
              <StatusPill status={statusAfter(member, after)} />
            </li>
          );
        })}
      </ul>
      <StoppedOut answer={answer} group={group} />
      {zero_size.length > 0 && (
        <p className="text-caution text-pretty text-sm">
          {t('zero', { names: zero_size.map(name).join(', ') })}
        </p>
      )}
    </div>
  );
}

/** The second question: the stops of what is open already, all hit at once. */
function StoppedOut({ answer, group }: { answer: WhatIf; group: GroupRisk }) {
  const t = useTranslations('risk.whatIf');
  if (answer.stopped_out.length === 0) return null;
  return (
    <section aria-label={t('stopped')}>
      <h3 className="mb-1 font-medium text-sm">{t('stopped')}</h3>
      <ul className="divide-y divide-line rounded-card border border-line">
        {answer.stopped_out.map(({ account_id, after }) => {
          const member = group.members.find((each) => each.account_id === account_id);
          return (
            <li
              key={account_id}
              className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-3 py-2"
            >
              <span className="min-w-0">
                <span className="block font-medium [overflow-wrap:anywhere]">
                  {member?.account_name ?? account_id}
                </span>
                <span className="text-muted text-sm">
                  {after ? (
                    <>
                      {t('stoppedEquity')}{' '}
                      <Money value={after.equity} currency={member?.currency ?? ''} />
                    </>
                  ) : (
                    t('stoppedUnknown')
                  )}
                </span>
              </span>
              <StatusPill status={statusAfter(member, after)} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Where nobody knows how an account stands now, nobody knows how it would stand then. */
function statusAfter(
  member: RiskSummary | undefined,
  after: WhatIf['asked'][number]['after'],
): RiskStatus {
  const isBlind = member?.status === 'stale' || member?.status === 'unknown';
  return isBlind ? member.status : (after?.status ?? 'unknown');
}

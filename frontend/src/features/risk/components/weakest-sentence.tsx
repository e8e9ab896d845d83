import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { GroupRisk, RiskSummary } from '@/api/types';
import { Ago } from '@/components/time';
import { unitOf } from '../status';
import { PercentLeft, useRoomText } from './room';

/** The one sentence that says how a group is: who is weakest, by which rule, and what to do if nobody knows. */
export function WeakestSentence({ group }: { group: GroupRisk }) {
  const t = useTranslations('riskWords');
  const weakest = group.members.find(({ account_id }) => account_id === group.weakest_account_id);
  if (!weakest) return <p className="text-muted">{t('nobody')}</p>;
  return (
    <p className="text-pretty text-lg">
      <Link
        to="/risk/$accountId"
        params={{ accountId: weakest.account_id }}
        className="font-semibold text-accent hover:underline"
      >
        {weakest.account_name}
      </Link>
      {': '}
      <AccountSentence account={weakest} />
      {group.tied_with.length > 0 && (
        <span className="text-muted"> {t('tied', { count: group.tied_with.length })}</span>
      )}
    </p>
  );
}

/** What is to be said of one account: its weakest rule, or why that is not known. */
export function AccountSentence({ account }: { account: RiskSummary }): ReactNode {
  const t = useTranslations('riskWords');
  const text = useRoomText();
  const { reason, status, weakest, as_of, currency } = account;
  if (reason) return t(`advice.${reason}`);
  if (!weakest) return t('advice.no_rules');
  const rule = t(`kinds.${weakest.kind}`);
  const room = weakest.buffer ? text(weakest.buffer, unitOf(weakest), currency) : null;
  return (
    <>
      {rule}
      {room && <>, {room}</>}
      {weakest.buffer_percent && (
        <>
          {' '}
          (<PercentLeft value={weakest.buffer_percent} />)
        </>
      )}
      {status === 'stale' && as_of && (
        <span className="text-stale">
          {' '}
          · {t.rich('oldFigures', { age: () => <Ago at={as_of} /> })}
        </span>
      )}
      {weakest.latched && <span className="text-negative"> · {t('latched')}</span>}
    </>
  );
}

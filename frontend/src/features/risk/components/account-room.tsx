import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { RiskSummary } from '@/api/types';
import { NoValue } from '@/components/figures';
import { sign } from '@/lib/decimal';
import { fleetQuery } from '../fleet-query';
import { unitOf } from '../status';
import { PercentLeft, useRoomText } from './room';
import { Freshness, StatusPill } from './status-pill';
import { AccountSentence } from './weakest-sentence';

interface AccountRoomProps {
  accountId: string;
  /** Of an account without rules: nothing, rather than a dash that stands for nothing. */
  isBare?: boolean;
}

/** How an account is and its worst rule, for a list of accounts. */
export function AccountRoom({ accountId, isBare = false }: AccountRoomProps) {
  const fleet = useQuery(fleetQuery);
  const account = fleet.data?.items.find(({ account_id }) => account_id === accountId);
  if (!account || account.reason === 'no_phase') {
    if (isBare) return null;
    return (
      <span className="stacked:hidden">
        <NoValue />
      </span>
    );
  }
  return (
    <Freshness receivedAt={fleet.dataUpdatedAt}>
      <span className="inline-flex flex-wrap items-center gap-x-2.5 gap-y-0.5">
        <StatusPill status={account.status} lastKnown={account.last_known_status} />
        <Worst account={account} />
      </span>
    </Freshness>
  );
}

function Worst({ account }: { account: RiskSummary }) {
  const t = useTranslations('riskWords');
  const text = useRoomText();
  const { account_id: accountId, reason, weakest, currency, stale } = account;
  const rule = weakest ? t(`kinds.${weakest.kind}`) : t(`reasons.${reason ?? 'no_rules'}`);
  return (
    <span className={`text-sm ${stale ? 'text-muted' : ''}`}>
      <Link
        to="/risk/$accountId"
        params={{ accountId }}
        className="text-accent underline underline-offset-2"
      >
        {rule}
      </Link>
      {weakest?.buffer && (
        <>
          {' · '}
          <span className="figures">{text(weakest.buffer, unitOf(weakest), currency)}</span>
        </>
      )}
      {weakest?.buffer_percent && sign(weakest.buffer_percent) > 0 && (
        <span className="text-muted">
          {' '}
          (<PercentLeft value={weakest.buffer_percent} />)
        </span>
      )}
    </span>
  );
}

/** The same as one line of a page about the account. */
export function AccountRoomLine({ accountId }: { accountId: string }) {
  const t = useTranslations('riskWords');
  const fleet = useQuery(fleetQuery);
  const account = fleet.data?.items.find(({ account_id }) => account_id === accountId);
  if (!account || account.reason === 'no_phase') return null;
  return (
    <Freshness receivedAt={fleet.dataUpdatedAt}>
      <section
        aria-label={t('title')}
        className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-card border border-line bg-surface-1 px-4 py-2.5"
      >
        <StatusPill status={account.status} lastKnown={account.last_known_status} />
        <p className="min-w-0 text-pretty first-letter:uppercase">
          <AccountSentence account={account} />
        </p>
      </section>
    </Freshness>
  );
}

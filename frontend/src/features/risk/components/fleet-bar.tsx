import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { RiskStatus, RiskSummary } from '@/api/types';
import { Countdown } from '@/components/countdown';
import { FailedCard } from '@/components/failed-card';
import { Ago } from '@/components/time';
import { earliest, weakestOf } from '../fleet';
import { fleetQuery } from '../fleet-query';
import { LOOKS, shownStatus, unitOf, WORST_FIRST } from '../status';
import { useRoomText } from './room';
import { Freshness, useIsOutdated } from './status-pill';

/** How all accounts are: counts by status, the weakest, the oldest figures, the next reset. */
export function FleetBar() {
  const fleet = useQuery(fleetQuery);
  const items = fleet.data?.items.filter(({ reason }) => reason !== 'no_phase') ?? [];
  if (fleet.isLoadingError) {
    return (
      <div className="mb-4">
        <FailedCard query={fleet} />
      </div>
    );
  }
  // An account without rules is no news on every page; where it belongs to a group it is.
  if (items.length === 0) return null;
  return (
    <Freshness receivedAt={fleet.dataUpdatedAt}>
      <Bar accounts={items} />
    </Freshness>
  );
}

function Bar({ accounts }: { accounts: RiskSummary[] }) {
  const t = useTranslations('riskWords');
  const isOutdated = useIsOutdated();
  const counts = new Map<RiskStatus, number>();
  for (const { status } of accounts) {
    const shown = shownStatus(status, isOutdated);
    counts.set(shown, (counts.get(shown) ?? 0) + 1);
  }
  const reset = earliest(accounts.map(({ next_reset_at }) => next_reset_at));
  const oldest = earliest(accounts.map(({ as_of }) => as_of));
  const isBlind = accounts.some(({ as_of }) => !as_of);
  return (
    <section
      aria-label={t('fleet.label')}
      className="mb-4 rounded-card border border-line bg-surface-1 px-4 py-3"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <ul className="flex flex-wrap items-center gap-x-4 gap-y-1">
          {WORST_FIRST.flatMap((status) => {
            const count = counts.get(status);
            const { icon: Icon, text } = LOOKS[status];
            if (!count) return [];
            return (
              <li key={status} className={`flex items-center gap-1.5 ${text}`}>
                <Icon aria-hidden size={16} />
                <span className="figures font-semibold">{count}</span>
                <span>{t(`status.${status}`)}</span>
              </li>
            );
          })}
        </ul>
        <div className="flex flex-wrap gap-x-4 gap-y-1 text-muted text-sm">
          {isBlind ? (
            <span>{t('fleet.never')}</span>
          ) : (
            oldest && <span>{t.rich('fleet.oldest', { age: () => <Ago at={oldest} /> })}</span>
          )}
          {reset && <span>{t.rich('fleet.reset', { when: () => <Countdown at={reset} /> })}</span>}
        </div>
      </div>
      <Weakest account={weakestOf(accounts)} />
    </section>
  );
}

/** Named only where somebody should look. */
function Weakest({ account }: { account: RiskSummary | undefined }) {
  const t = useTranslations('riskWords');
  const text = useRoomText();
  if (!account?.weakest || account.status === 'safe') return null;
  const { weakest } = account;
  const { kind, buffer } = weakest;
  return (
    <p className="mt-2 border-line border-t pt-2 text-pretty">
      <Link
        to="/risk/$accountId"
        params={{ accountId: account.account_id }}
        className="text-accent hover:underline"
      >
        {t('fleet.weakest', { account: account.account_name, rule: t(`kinds.${kind}`) })}
      </Link>
      {buffer && <> · {text(buffer, unitOf(weakest), account.currency)}</>}
    </p>
  );
}

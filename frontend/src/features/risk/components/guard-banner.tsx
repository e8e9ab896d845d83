import { ClockAlert, ShieldAlert } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { GuardState, GuardTrip } from '@/api/types';
import { Later } from '@/components/later';
import { Moment } from '@/components/time';
import { prepareTexts } from '@/lib/i18n/provider';
import type { GuardPlace } from '../guard-queries';

const ResumeGuard = lazy(async () => {
  const [{ ResumeGuard }] = await Promise.all([import('./resume-guard'), prepareTexts('stopping')]);
  return { default: ResumeGuard };
});

interface GuardBannerProps {
  place: GuardPlace;
  state: GuardState;
  nameOf: (accountId: string) => string;
}

/** What a guard did and has not been ended, or that it holds new copies back because it cannot see. */
export function GuardBanner({ place, state, nameOf }: GuardBannerProps) {
  return (
    <>
      {state.trip && <Tripped place={place} trip={state.trip} />}
      {state.holding && (
        <Holding place={place} names={state.holding_accounts.map(nameOf).join(', ')} />
      )}
    </>
  );
}

function Tripped({ place, trip }: { place: GuardPlace; trip: GuardTrip }) {
  const t = useTranslations('risk.guard');
  const [isAsking, setAsking] = useState(false);
  const action = trip.action === 'close_all' ? 'close_all' : 'stop_new';
  return (
    <div
      role="alert"
      className="settling mb-4 flex flex-wrap items-center gap-x-4 gap-y-3 rounded-card bg-violated px-4 py-3 text-on-fill"
    >
      <ShieldAlert aria-hidden size={20} className="shrink-0 self-start max-sm:hidden" />
      <div className="flex min-w-60 flex-1 flex-col gap-0.5">
        <p className="font-medium text-pretty">
          {t('acted')} <What trip={trip} />
        </p>
        <p className="text-pretty text-sm">
          {t.rich(`did.${action}.${place.scope}`, {
            name: place.name,
            at: () => <Moment at={trip.at} format="full" />,
          })}
        </p>
      </div>
      <button
        type="button"
        onClick={() => setAsking(true)}
        className="h-9 touch:h-11 shrink-0 rounded-card border border-on-fill/60 px-3.5 font-medium hover:bg-on-fill/15 focus-visible:outline-on-fill max-sm:w-full"
      >
        {t('resume')}
      </button>
      <Later isWanted={isAsking}>
        <ResumeGuard place={place} isOpen={isAsking} onClose={() => setAsking(false)} />
      </Later>
    </div>
  );
}

/** Who tripped it, and by which rule. */
export function What({ trip }: { trip: GuardTrip }) {
  const t = useTranslations();
  const { account_name: account, kind } = trip;
  const status = t(`riskWords.status.${trip.status}`);
  return kind
    ? t('risk.guard.tripped', { account, rule: t(`riskWords.kinds.${kind}`), status })
    : t('risk.guard.trippedAlone', { account, status });
}

function Holding({ place, names }: { place: GuardPlace; names: string }) {
  const t = useTranslations('risk.guard');
  return (
    <div className="mb-4 flex items-start gap-3 rounded-card border border-stale/40 bg-surface-1 px-4 py-3">
      <ClockAlert aria-hidden size={20} className="mt-0.5 shrink-0 text-stale" />
      <p className="text-pretty">
        <span className="font-medium">{t('holding')}</span>{' '}
        {place.scope === 'group' ? t('holdingGroup', { names }) : t('holdingAccount')}
      </p>
    </div>
  );
}

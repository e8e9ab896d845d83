import { useQuery } from '@tanstack/react-query';
import { useMatch } from '@tanstack/react-router';
import { OctagonX } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Later, useFetchedAtRest } from '@/components/later';
import { accountsQuery } from '@/features/accounts/queries';
import { groupsQuery } from '@/features/groups/queries';
import { useStandingTrip } from '@/features/risk/guard-queries';
import { accountRiskQuery, groupRiskQuery } from '@/features/risk/state-queries';
import { StopBanner } from '@/features/stop/components/stop-banner';
import { stopQuery } from '@/features/stop/queries';
import { prepareTexts } from '@/lib/i18n/provider';
import type { StopFlowProps } from './stop-flow';

const load = async () => {
  const [flow] = await Promise.all([import('./stop-flow'), prepareTexts('stopping')]);
  return flow;
};
const Flow = lazy(async () => ({ default: (await load()).StopFlow }));
const Progress = lazy(async () => ({ default: (await load()).StopProgress }));

/** The red button: stops copying, or closes everything, and shows how far that is. */
export function StopButton() {
  const t = useTranslations('stop');
  const [isAsking, setAsking] = useState(false);
  // Whoever presses it is in a hurry, and the server may have been replaced since.
  useFetchedAtRest(load);
  return (
    <>
      <button
        type="button"
        aria-label={t('button')}
        title={t('button')}
        onClick={() => setAsking(true)}
        className="inline-flex h-9 touch:h-11 shrink-0 items-center justify-center gap-1.5 rounded-card border border-negative/50 px-2.5 font-medium text-negative hover:bg-surface-2 max-sm:w-9 touch:max-sm:w-11 max-sm:border-transparent max-sm:px-0"
      >
        <OctagonX aria-hidden size={18} />
        <span className="max-sm:hidden">{t('short')}</span>
      </button>
      <StopFlow isAsking={isAsking} onClose={() => setAsking(false)} />
    </>
  );
}

/** Asks what to stop, then shows how far it is. */
export function StopFlow(props: StopFlowProps) {
  return (
    <Later isWanted={props.isAsking}>
      <Flow {...props} />
    </Later>
  );
}

/** Whose guard's doing the open page itself tells: of the group or account that it is about. */
function useToldBelow(): string | undefined {
  const group = useMatch({ from: '/signed-in/groups/$groupId', shouldThrow: false });
  const account = useMatch({ from: '/signed-in/risk/$accountId', shouldThrow: false });
  // Only what the page has read: it asks by itself.
  const ofGroup = useQuery({ ...groupRiskQuery(group?.params.groupId ?? ''), enabled: false });
  const ofAccount = useQuery({
    ...accountRiskQuery(account?.params.accountId ?? ''),
    enabled: false,
  });
  const told = ofGroup.data?.members.length ? ofGroup.data.guard : ofAccount.data?.guard;
  return told?.trip?.scope_id;
}

/** Says above every page that copying is stopped, and lets it go on. */
export function StopStrip() {
  const [operation, setOperation] = useState<string | null>(null);
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  // Only where something is stopped, which may be a group.
  const isStopped = (useQuery(stopQuery).data?.stops.length ?? 0) > 0;
  const groups = useQuery({ ...groupsQuery, enabled: isStopped }).data?.items ?? [];
  const toldBelow = useToldBelow();
  const nameOf = (id: string) => [...accounts, ...groups].find((one) => one.id === id)?.name;
  return (
    <>
      <StopBanner
        nameOf={nameOf}
        useTrip={useStandingTrip}
        toldBelow={toldBelow}
        onShow={setOperation}
      />
      <Later isWanted={operation !== null}>
        <Progress operationId={operation} onClose={() => setOperation(null)} />
      </Later>
    </>
  );
}

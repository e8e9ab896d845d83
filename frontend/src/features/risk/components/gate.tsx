import { CircleCheck, DoorClosed, DoorOpen, ShieldQuestionMark, TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { GroupRisk } from '@/api/types';
import { Pill } from '@/components/pill';
import { useIsOutdated } from './status-pill';

const GATES = {
  open: { icon: DoorOpen, tone: 'safe' },
  warn: { icon: TriangleAlert, tone: 'caution' },
  closed: { icon: DoorClosed, tone: 'critical' },
} as const;

/** What may be said of a gate: as with figures that are old, it is closed while the answer is. */
export function useShownGate(gate: GroupRisk['gate']): GroupRisk['gate'] {
  return useIsOutdated() ? 'closed' : gate;
}

/** Whether trades that add risk should be opened. Closing is never in question. */
export function GatePill({ gate: told }: Pick<GroupRisk, 'gate'>) {
  const t = useTranslations('riskWords.gate');
  const gate = useShownGate(told);
  const { icon, tone } = GATES[gate];
  return (
    <Pill tone={tone} icon={icon}>
      {t(gate)}
    </Pill>
  );
}

/** Whether every member is known; if not, who is missing. */
export function CompletePill({ group }: { group: GroupRisk }) {
  const t = useTranslations('riskWords');
  const isOutdated = useIsOutdated();
  const { members, stale_members, unknown_members, complete } = group;
  const missing = isOutdated ? members.length : stale_members.length + unknown_members.length;
  return complete && !isOutdated ? (
    <Pill tone="neutral" icon={CircleCheck}>
      {t('complete')}
    </Pill>
  ) : (
    <Pill tone="stale" icon={ShieldQuestionMark}>
      {t('incomplete', { count: missing })}
    </Pill>
  );
}

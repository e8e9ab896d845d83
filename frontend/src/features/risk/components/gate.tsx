import { CircleCheck, DoorClosed, DoorOpen, ShieldQuestionMark, TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { GroupRisk } from '@/api/types';
import { Pill } from '@/components/pill';

const GATES = {
  open: { icon: DoorOpen, tone: 'safe' },
  warn: { icon: TriangleAlert, tone: 'caution' },
  closed: { icon: DoorClosed, tone: 'critical' },
} as const;

/** Whether trades that add risk should be opened. Closing is never in question. */
export function GatePill({ gate }: Pick<GroupRisk, 'gate'>) {
  const t = useTranslations('riskWords.gate');
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
  const missing = group.stale_members.length + group.unknown_members.length;
  return group.complete ? (
    <Pill tone="neutral" icon={CircleCheck}>
      {t('complete')}
    </Pill>
  ) : (
    <Pill tone="stale" icon={ShieldQuestionMark}>
      {t('incomplete', { count: missing })}
    </Pill>
  );
}

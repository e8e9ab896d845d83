import { useTranslations } from 'use-intl';
import type { GroupRisk, RuleKind } from '@/api/types';
import { Card, Facts } from '@/components/page';
import { PercentLeft } from './room';

/** What the members have to reach. It never colours a group. */
export function GroupObjectives({ group }: { group: GroupRisk }) {
  const t = useTranslations();
  const kinds = Object.entries(group.objectives) as [RuleKind, GroupRisk['objectives'][string]][];
  if (kinds.length === 0) return null;
  return (
    <Card title={t('risk.objectives.title')}>
      <Facts
        facts={kinds.map(([kind, { met, total, slowest }]) => ({
          name: t(`riskWords.kinds.${kind}`),
          value: (
            <>
              {t('risk.objectives.met', { met, total })}
              {slowest && met < total && (
                <span className="block text-muted text-sm">
                  {t('risk.objectives.slowest', { account: slowest.account_name ?? '' })}{' '}
                  <PercentLeft value={slowest.value} />
                </span>
              )}
            </>
          ),
        }))}
      />
    </Card>
  );
}

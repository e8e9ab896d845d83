import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Group, MarksSource } from '@/api/types';
import { FailedCard } from '@/components/failed-card';
import { riskDefaultsQuery, usePutRiskDefaults } from '../defaults-queries';
import { BUILT_IN, over } from '../marks';
import { usePutGroupMarks } from '../marks-queries';
import { rulesQuery, usePutRules } from '../queries';
import { MarksCard } from './marks-card';

const of = (level: MarksSource['level']): MarksSource => ({ level, groups: [] });

/** The marks of one account: an edit of its rules, with their version. */
export function AccountMarksCard({ accountId, name }: { accountId: string; name: string }) {
  const t = useTranslations('riskMarks');
  const rules = useQuery(rulesQuery(accountId));
  const put = usePutRules(accountId);
  if (!rules.data) return <FailedCard title={t('title')} query={rules} />;
  if (rules.data.version === 0) return null;
  const { version, rules: list, own_thresholds: own, inherited } = rules.data;
  return (
    <MarksCard
      place={{ scope: 'account', id: accountId, name }}
      own={own}
      usual={inherited.thresholds}
      usualFrom={{ money: inherited.money_from, count: inherited.count_from }}
      saving={{
        version,
        isBusy: put.isPending,
        error: put.error,
        save: (marks, onSaved) =>
          put.mutate(
            { rules: list, ...marks },
            { onSuccess: onSaved, onError: () => void rules.refetch() },
          ),
      }}
    />
  );
}

/** The marks of the accounts of a group that set none of their own. */
export function GroupMarksCard({ group }: { group: Group }) {
  const t = useTranslations('riskMarks');
  const query = useQuery(riskDefaultsQuery);
  const defaults = query.data;
  const put = usePutGroupMarks(group);
  if (!defaults) return <FailedCard title={t('title')} query={query} />;
  const own = defaults.thresholds ?? null;
  return (
    <MarksCard
      place={{ scope: 'group', id: group.id, name: group.name }}
      own={group.thresholds ?? null}
      usual={over(own, BUILT_IN)}
      usualFrom={{
        money: of(own?.money ? 'tenant' : 'built_in'),
        count: of(own?.count ? 'tenant' : 'built_in'),
      }}
      saving={{
        version: group.version,
        isBusy: put.isPending,
        error: put.error,
        save: (marks, onSaved) => put.mutate(marks, { onSuccess: onSaved }),
      }}
    />
  );
}

/** The marks of all accounts for which neither they nor their groups set any. */
export function DefaultMarksCard() {
  const t = useTranslations('riskMarks');
  const query = useQuery(riskDefaultsQuery);
  const defaults = query.data;
  const put = usePutRiskDefaults();
  if (!defaults) return <FailedCard title={t('title')} query={query} />;
  const { rules: _, thresholds: own, ...numbers } = defaults;
  return (
    <MarksCard
      place={{ scope: 'tenant' }}
      own={own ?? null}
      usual={BUILT_IN}
      usualFrom={{ money: of('built_in'), count: of('built_in') }}
      saving={{
        version: defaults.version,
        isBusy: put.isPending,
        error: put.error,
        save: (marks, onSaved) => put.mutate({ ...numbers, ...marks }, { onSuccess: onSaved }),
      }}
    />
  );
}

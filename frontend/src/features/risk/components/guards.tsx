import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { AccountRisk, Group, GroupRisk } from '@/api/types';
import { FailedCard } from '@/components/failed-card';
import { guardedOf } from '../guard-looks';
import { accountGuardQuery, usePutAccountGuard, usePutGroupGuard } from '../guard-queries';
import { GuardCard } from './guard-card';

/** The guard of a group: any of its accounts trips it, and it holds for all of them. */
export function GroupGuardCard({ group, risk }: { group: Group; risk: GroupRisk }) {
  const { id, name, guard = null, version } = group;
  const put = usePutGroupGuard(group);
  return (
    <GuardCard
      place={{ scope: 'group', id, name }}
      guard={guard}
      guarded={risk.members.map(guardedOf)}
      saving={{
        version,
        isBusy: put.isPending,
        error: put.error,
        save: (chosen, onSaved) => put.mutate(chosen, { onSuccess: onSaved }),
      }}
    />
  );
}

/** An account's own guard. Shown once it is known: nobody should take it for off before. */
export function AccountGuardCard({ risk, name }: { risk: AccountRisk; name: string }) {
  const t = useTranslations('risk.guard');
  const { account_id: accountId, status, rules } = risk;
  const query = useQuery(accountGuardQuery(accountId));
  const own = query.data;
  const put = usePutAccountGuard(accountId);
  if (!own) return <FailedCard title={t('title')} query={query} />;
  return (
    <GuardCard
      place={{ scope: 'account', id: accountId, name }}
      guard={own.guard}
      guarded={[{ name, statuses: [status, ...rules.map((rule) => rule.status)] }]}
      saving={{
        version: own.version,
        isBusy: put.isPending,
        error: put.error,
        save: (chosen, onSaved) => put.mutate(chosen, { onSuccess: onSaved }),
      }}
    />
  );
}

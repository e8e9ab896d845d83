import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Later } from '@/components/later';
import { Card, PageHeader } from '@/components/page';
import { Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { GroupList } from '@/features/groups/components/group-list';
import { FleetBar } from '@/features/risk/components/fleet-bar';
import { GroupBrief } from '@/features/risk/components/group-brief';
import { useFleetAwaited } from '@/features/risk/fleet-awaited';
import { stopQuery } from '@/features/stop/queries';
import { StopFlow } from '../stop';
import { useVenueNames } from '../venue-names';

const NewGroup = lazy(async () => {
  const { NewGroup } = await import('@/features/groups/components/name-dialog');
  return { default: NewGroup };
});

export function GroupsPage() {
  const t = useTranslations('groups');
  const [isAdding, setAdding] = useState(false);
  const [stopping, setStopping] = useState<string | null>(null);
  const accounts = useVenueNames(useQuery(accountsQuery).data?.items ?? []);
  const isAwaited = useFleetAwaited();
  const stops = useQuery(stopQuery).data?.stops;
  const add = (
    <Button look="primary" icon={Plus} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={add} />
      <FleetBar />
      {isAwaited ? (
        <Card isFlush>
          <Loading />
        </Card>
      ) : (
        <GroupList
          add={add}
          brief={(groupId) => <GroupBrief groupId={groupId} />}
          accounts={accounts}
          stoppedIds={stops?.flatMap(({ group_id }) => group_id ?? [])}
          onStop={setStopping}
        />
      )}
      <Later isWanted={isAdding}>
        {isAdding && (
          <NewGroup
            masters={accounts.filter(({ copy_role }) => copy_role === 'master')}
            onClose={() => setAdding(false)}
          />
        )}
      </Later>
      <StopFlow
        isAsking={stopping !== null}
        groupId={stopping ?? undefined}
        onClose={() => setStopping(null)}
      />
    </>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Boxes } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Card } from '@/components/page';
import { Empty, Failure, Loading } from '@/components/states';
import { groupsQuery } from '../queries';
import { GroupCard } from './group-card';

interface GroupListProps {
  /** The button for the first one. */
  add: ReactNode;
  accounts: Account[];
  /** Where copying is stopped; undefined: not known. */
  stoppedIds: readonly string[] | undefined;
  onStop: (groupId: string) => void;
  /** How a group with accounts is, in its card. */
  brief: (groupId: string) => ReactNode;
}

/** The user's groups with their accounts. */
export function GroupList({ add, accounts, stoppedIds, onStop, brief }: GroupListProps) {
  const t = useTranslations('groups');
  const groups = useQuery(groupsQuery);
  if (groups.isPending)
    return (
      <Card isFlush>
        <Loading />
      </Card>
    );
  if (groups.isLoadingError) {
    return (
      <Card isFlush>
        <Failure error={groups.error} onRetry={() => void groups.refetch()} />
      </Card>
    );
  }
  const { items } = groups.data;
  if (items.length === 0) {
    return (
      <Card isFlush>
        <Empty icon={Boxes} title={t('empty')} hint={t('emptyHint')} action={add} />
      </Card>
    );
  }
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      {items.map((group) => (
        <GroupCard
          key={group.id}
          group={group}
          accounts={accounts}
          isStopped={stoppedIds?.includes(group.id)}
          onStop={() => onStop(group.id)}
          brief={
            <>
              {group.accounts.length > 0 && brief(group.id)}
              <BoardLink groupId={group.id} />
            </>
          }
        />
      ))}
    </div>
  );
}

function BoardLink({ groupId }: { groupId: string }) {
  const t = useTranslations('groups');
  return (
    <p className="border-line border-b px-4 py-2">
      <Link to="/groups/$groupId" params={{ groupId }} className="text-accent hover:underline">
        {t('board')}
      </Link>
    </p>
  );
}

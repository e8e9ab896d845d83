import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { accountsQuery } from '@/features/accounts/queries';
import { groupsQuery } from '@/features/groups/queries';
import { StopDialog } from '@/features/stop/components/stop-dialog';
import { StopProgress } from '@/features/stop/components/stop-progress';
import { useVenueNames } from './venue-names';

export { StopProgress };

export interface StopFlowProps {
  isAsking: boolean;
  onClose: () => void;
  /** The group that is chosen at first; everything otherwise. */
  groupId?: string | undefined;
}

/** Asks what to stop, then shows how far it is. */
export function StopFlow({ isAsking, onClose, groupId }: StopFlowProps) {
  const [operation, setOperation] = useState<string | null>(null);
  const accounts = useVenueNames(useQuery(accountsQuery).data?.items ?? []);
  const groups = useQuery(groupsQuery).data?.items ?? [];
  return (
    <>
      <StopDialog
        isOpen={isAsking}
        onClose={onClose}
        accounts={accounts.filter(({ copy_role }) => copy_role !== 'none')}
        groups={groups}
        groupId={groupId}
        onAsked={(id) => {
          onClose();
          setOperation(id);
        }}
      />
      <StopProgress operationId={operation} onClose={() => setOperation(null)} />
    </>
  );
}

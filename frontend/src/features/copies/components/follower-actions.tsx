import { Check, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Follower } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useApproveFollower, useRemoveFollower } from '../queries';

interface FollowerActionsProps {
  accountId: string;
  follower: Follower;
}

/** What a master's owner may decide about one follower. */
export function FollowerActions({ accountId, follower }: FollowerActionsProps) {
  const t = useTranslations('followers');
  const [isAsking, setAsking] = useState(false);
  const approve = useApproveFollower(accountId);
  const remove = useRemoveFollower(accountId);
  const { name, state, subscription_id } = follower;
  return (
    <span className="flex flex-wrap justify-end gap-2">
      {state === 'pending' && (
        <Button
          icon={Check}
          aria-label={t('approveNamed', { name })}
          isBusy={approve.isPending}
          onClick={() => approve.mutate(subscription_id)}
        >
          {t('approve')}
        </Button>
      )}
      <Button
        look="quiet"
        icon={UserMinus}
        aria-label={t('removeNamed', { name })}
        onClick={() => setAsking(true)}
      >
        {t('remove')}
      </Button>
      <ProblemText error={approve.error} />
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => {
          setAsking(false);
          remove.reset();
        }}
        onConfirm={() => remove.mutate(subscription_id, { onSuccess: () => setAsking(false) })}
        title={t('confirmTitle', { name })}
        consequence={t('confirm')}
        verb={t('remove')}
        isBusy={remove.isPending}
        error={remove.error}
      />
    </span>
  );
}

import { Boxes } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { Account } from '@/api/types';
import { Later } from '@/components/later';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { prepareTexts } from '@/lib/i18n/provider';
import { useCreateGroup } from '../queries';

const NewGroup = lazy(async () => {
  const [{ NewGroup }] = await Promise.all([import('./name-dialog'), prepareTexts('grouping')]);
  return { default: NewGroup };
});

interface GroupOfMasterProps {
  master: Pick<Account, 'id' | 'name'>;
  onCreated: (groupId: string) => void;
}

/** Makes a group of a master and those who follow it. Another name is asked for only where its own is taken. */
export function GroupOfMaster({ master, onCreated }: GroupOfMasterProps) {
  const t = useTranslations('followers');
  const [isNaming, setNaming] = useState(false);
  const create = useCreateGroup();
  const isTaken = create.error instanceof ApiError && create.error.code === 'name_taken';
  function press(): void {
    const body = { name: master.name, master_account_id: master.id };
    create.mutate(body, {
      onSuccess: ({ id }) => onCreated(id),
      onError: (error) => setNaming(error instanceof ApiError && error.code === 'name_taken'),
    });
  }
  return (
    <>
      <Button look="quiet" icon={Boxes} isBusy={create.isPending} onClick={press}>
        {t('group')}
      </Button>
      {!isTaken && <ProblemText error={create.error} />}
      <Later isWanted={isNaming}>
        {isNaming && (
          <NewGroup
            masters={[master]}
            masterId={master.id}
            onCreated={onCreated}
            onClose={() => setNaming(false)}
          />
        )}
      </Later>
    </>
  );
}

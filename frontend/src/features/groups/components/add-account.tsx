import { useTranslations } from 'use-intl';
import type { Account, Group } from '@/api/types';
import { useChoice } from '@/components/choice';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { SelectField } from '@/components/ui/field';
import { useAddAccount } from '../queries';

interface AddAccountProps {
  group: Group;
  /** Those that are not in it. */
  accounts: Account[];
  isStopped: boolean;
  onClose: () => void;
}

/** Puts one account into a group; says what that means while the group is stopped. */
export function AddAccount({ group, accounts, isStopped, onClose }: AddAccountProps) {
  const t = useTranslations();
  const [accountId, setAccountId] = useChoice(accounts[0]?.id);
  const add = useAddAccount(group.id);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      isBusy={add.isPending}
      title={t('groups.addAccountTo', { name: group.name })}
    >
      <SelectField
        label={t('groups.account')}
        value={accountId}
        onChange={(event) => setAccountId(event.target.value)}
        options={accounts.map(({ id, name, copy_role }) => ({
          value: id,
          label: `${name} · ${t(`accounts.roles.${copy_role}`)}`,
        }))}
      />
      {isStopped && <p className="mt-4 text-caution text-pretty">{t('groups.joinsStopped')}</p>}
      <ProblemText error={add.error} />
      <DialogActions>
        <Button onClick={onClose} disabled={add.isPending}>
          {t('common.cancel')}
        </Button>
        <Button
          look="primary"
          isBusy={add.isPending}
          disabled={accountId === ''}
          onClick={() => add.mutate(accountId, { onSuccess: onClose })}
        >
          {t('groups.addAccount')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

import { valibotResolver } from '@hookform/resolvers/valibot';
import { type ReactNode, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { Account, Group } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { SelectField, TextField } from '@/components/ui/field';
import { useCreateGroup, useRenameGroup } from '../queries';
import { type NameForm, nameSchema } from '../schema';

interface DialogProps {
  onClose: () => void;
}

interface NewGroupProps extends DialogProps {
  /** The user's masters: a group may begin with one of them and the accounts that follow it. */
  masters: Pick<Account, 'id' | 'name'>[];
  /** The one that is chosen at first. */
  masterId?: string;
  onCreated?: (groupId: string) => void;
}

/** Asks for the name of a new group, and whom it begins with. */
export function NewGroup({ masters, masterId = '', onCreated, onClose }: NewGroupProps) {
  const t = useTranslations('groups');
  const [chosen, setChosen] = useState(masterId);
  const create = useCreateGroup();
  return (
    <Dialog isOpen onClose={onClose} title={t('add')}>
      <Name
        name=""
        verb={t('create')}
        isBusy={create.isPending}
        error={create.error}
        onClose={onClose}
        onSubmit={(body) =>
          create.mutate(
            { ...body, ...(chosen !== '' && { master_account_id: chosen }) },
            {
              onSuccess: ({ id }) => {
                onClose();
                onCreated?.(id);
              },
            },
          )
        }
      >
        {masters.length > 0 && (
          <SelectField
            label={t('beginsWith')}
            value={chosen}
            onChange={(event) => setChosen(event.target.value)}
            options={[
              { value: '', label: t('beginsEmpty') },
              ...masters.map(({ id, name }) => ({
                value: id,
                label: t('beginsWithMaster', { name }),
              })),
            ]}
          />
        )}
      </Name>
    </Dialog>
  );
}

export function RenameGroup({ group, onClose }: DialogProps & { group: Group }) {
  const t = useTranslations('groups');
  // By what it was when this was opened: what came since is refused, not replaced.
  const [opened] = useState(group);
  const rename = useRenameGroup(opened);
  return (
    <Dialog isOpen onClose={onClose} title={t('renameTitle', { name: group.name })}>
      <Name
        name={group.name}
        verb={t('rename')}
        isBusy={rename.isPending}
        error={rename.error}
        onClose={onClose}
        onSubmit={(body) => rename.mutate(body, { onSuccess: onClose })}
      />
    </Dialog>
  );
}

interface NameProps extends DialogProps {
  name: string;
  verb: string;
  isBusy: boolean;
  error: Error | null;
  onSubmit: (body: NameForm) => void;
  /** More fields. */
  children?: ReactNode;
}

function Name({ name, verb, isBusy, error, onClose, onSubmit, children }: NameProps) {
  const t = useTranslations();
  const form = useForm<NameForm>({
    resolver: valibotResolver(nameSchema),
    defaultValues: { name },
  });
  return (
    <form noValidate onSubmit={form.handleSubmit(onSubmit)}>
      <div className="flex flex-col gap-4">
        <TextField
          label={t('groups.name')}
          hint={t('groups.nameHint')}
          autoComplete="off"
          error={form.formState.errors.name?.message}
          {...form.register('name')}
        />
        {children}
      </div>
      <ProblemText error={error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isBusy={isBusy}>
          {verb}
        </Button>
      </DialogActions>
    </form>
  );
}

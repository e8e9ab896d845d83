import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { Group } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { useCreateGroup, useRenameGroup } from '../queries';
import { type NameForm, nameSchema } from '../schema';

interface DialogProps {
  onClose: () => void;
}

/** Asks for the name of a new group. */
export function NewGroup({ onClose }: DialogProps) {
  const t = useTranslations('groups');
  const create = useCreateGroup();
  return (
    <Dialog isOpen onClose={onClose} title={t('add')}>
      <Name
        name=""
        verb={t('create')}
        isBusy={create.isPending}
        error={create.error}
        onClose={onClose}
        onSubmit={(body) => create.mutate(body, { onSuccess: onClose })}
      />
    </Dialog>
  );
}

export function RenameGroup({ group, onClose }: DialogProps & { group: Group }) {
  const t = useTranslations('groups');
  const rename = useRenameGroup(group);
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
}

function Name({ name, verb, isBusy, error, onClose, onSubmit }: NameProps) {
  const t = useTranslations();
  const form = useForm<NameForm>({
    resolver: valibotResolver(nameSchema),
    defaultValues: { name },
  });
  return (
    <form noValidate onSubmit={form.handleSubmit(onSubmit)}>
      <TextField
        label={t('groups.name')}
        hint={t('groups.nameHint')}
        autoComplete="off"
        error={form.formState.errors.name?.message}
        {...form.register('name')}
      />
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

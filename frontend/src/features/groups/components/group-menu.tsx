import { Ellipsis, OctagonX, Pencil, Trash2 } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Group } from '@/api/types';
import { Later } from '@/components/later';
import { IconButton } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Menu, MenuItem, MenuLine } from '@/components/ui/menu';
import { useDeleteGroup } from '../queries';

const RenameGroup = lazy(async () => ({ default: (await import('./name-dialog')).RenameGroup }));

interface GroupMenuProps {
  group: Group;
  isStopped: boolean;
  onStop: () => void;
}

/** What can be done with a group. */
export function GroupMenu({ group, isStopped, onStop }: GroupMenuProps) {
  const t = useTranslations();
  const [asked, setAsked] = useState<'rename' | 'delete' | null>(null);
  const close = () => setAsked(null);
  return (
    <>
      <Menu
        trigger={
          <IconButton icon={Ellipsis} label={t('common.optionsFor', { name: group.name })} />
        }
      >
        <MenuItem icon={OctagonX} onSelect={onStop}>
          {t('groups.stop')}
        </MenuItem>
        <MenuItem icon={Pencil} onSelect={() => setAsked('rename')}>
          {t('groups.rename')}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={Trash2} isDanger onSelect={() => setAsked('delete')}>
          {t('groups.delete')}
        </MenuItem>
      </Menu>
      <Later isWanted={asked === 'rename'}>
        {asked === 'rename' && <RenameGroup group={group} onClose={close} />}
      </Later>
      {asked === 'delete' && <DeleteGroup group={group} isStopped={isStopped} onClose={close} />}
    </>
  );
}

interface DeleteGroupProps {
  group: Group;
  isStopped: boolean;
  onClose: () => void;
}

function DeleteGroup({ group, isStopped, onClose }: DeleteGroupProps) {
  const t = useTranslations('groups');
  const remove = useDeleteGroup(group.id);
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      title={t('deleteTitle', { name: group.name })}
      consequence={t(isStopped ? 'deleteStopped' : 'deleteText')}
      verb={t('delete')}
      isBusy={remove.isPending}
      error={remove.error}
    />
  );
}

import { Archive, Ellipsis, Eye, KeyRound, Pencil, Scale } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { IconButton } from '@/components/ui/button';
import { Menu, MenuItem, MenuLine } from '@/components/ui/menu';
import { isVenue } from '@/lib/venues';

const RenameDialog = lazy(async () => ({
  default: (await import('./rename-dialog')).RenameDialog,
}));
const SizingDialog = lazy(async () => ({
  default: (await import('./sizing-dialog')).SizingDialog,
}));
const RevealDialog = lazy(async () => ({
  default: (await import('./reveal-dialog')).RevealDialog,
}));
const RotateDialog = lazy(async () => ({
  default: (await import('./rotate-dialog')).RotateDialog,
}));
const ArchiveDialog = lazy(async () => ({
  default: (await import('./archive-dialog')).ArchiveDialog,
}));

type Asked = 'rename' | 'sizing' | 'reveal' | 'rotate' | 'archive';

interface AccountMenuProps {
  account: Account;
  onArchived?: () => void;
}

/** What can be done with an account. */
export function AccountMenu({ account, onArchived }: AccountMenuProps) {
  const t = useTranslations();
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);

  return (
    <>
      <Menu
        trigger={
          <IconButton icon={Ellipsis} label={t('common.optionsFor', { name: account.name })} />
        }
      >
        <MenuItem icon={Pencil} onSelect={() => setAsked('rename')}>
          {t('accountForms.actions.rename')}
        </MenuItem>
        {account.copy_role === 'follower' && (
          <MenuItem icon={Scale} onSelect={() => setAsked('sizing')}>
            {t('accountForms.actions.sizing')}
          </MenuItem>
        )}
        {!isVenue(account) && (
          <>
            <MenuItem icon={Eye} onSelect={() => setAsked('reveal')}>
              {t('accountForms.actions.reveal')}
            </MenuItem>
            <MenuItem icon={KeyRound} onSelect={() => setAsked('rotate')}>
              {t('accountForms.actions.rotate')}
            </MenuItem>
          </>
        )}
        <MenuLine />
        <MenuItem icon={Archive} isDanger onSelect={() => setAsked('archive')}>
          {t('accountForms.actions.archive')}
        </MenuItem>
      </Menu>
      <Suspense fallback={null}>
        {asked === 'rename' && <RenameDialog account={account} onClose={close} />}
        {asked === 'sizing' && <SizingDialog account={account} onClose={close} />}
        {asked === 'reveal' && <RevealDialog account={account} onClose={close} />}
        {asked === 'rotate' && <RotateDialog account={account} onClose={close} />}
        {asked === 'archive' && (
          <ArchiveDialog account={account} onClose={close} onArchived={onArchived ?? close} />
        )}
      </Suspense>
    </>
  );
}

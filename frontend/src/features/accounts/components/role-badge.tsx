import { Anchor, NotebookPen, Sailboat } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { CopyRole } from '@/api/types';
import { Pill } from '@/components/pill';

export const ROLE_ICONS = { master: Anchor, follower: Sailboat, none: NotebookPen } as const;

export function RoleBadge({ role }: { role: CopyRole }) {
  const t = useTranslations('accounts.roles');
  return (
    <Pill tone={role === 'master' ? 'accent' : 'neutral'} icon={ROLE_ICONS[role]}>
      {t(role)}
    </Pill>
  );
}

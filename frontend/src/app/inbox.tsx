import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Drawer } from '@/components/ui/drawer';
import { accountsQuery } from '@/features/accounts/queries';
import { AlertBadge, BADGE, useBadgeLabel } from '@/features/alerts/components/alert-badge';
import { AlertList } from '@/features/alerts/components/alert-list';

/** Opens the inbox: a drawer on wide screens, a page on phones. */
export function InboxButton() {
  const t = useTranslations('alerts');
  const label = useBadgeLabel();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Link to="/alerts" aria-label={label} title={label} className={`${BADGE} md:hidden`}>
        <AlertBadge />
      </Link>
      <button
        type="button"
        aria-label={label}
        title={label}
        onClick={() => setOpen(true)}
        className={`${BADGE} max-md:hidden`}
      >
        <AlertBadge />
      </button>
      <Drawer isOpen={isOpen} onClose={() => setOpen(false)} title={t('title')}>
        <Inbox onLeave={() => setOpen(false)} />
      </Drawer>
    </>
  );
}

/** The inbox, with the accounts' names. */
export function Inbox({ onLeave }: { onLeave?: () => void }) {
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  const nameOf = (id: string) => accounts.find((account) => account.id === id)?.name;
  return <AlertList nameOf={nameOf} {...(onLeave && { onLeave })} />;
}

import { Link } from '@tanstack/react-router';
import { lazy, useState } from 'react';
import { Later } from '@/components/later';
import { AlertBadge, BADGE, useBadgeLabel } from '@/features/alerts/components/alert-badge';
import { prepareTexts } from '@/lib/i18n/provider';

const InboxDrawer = lazy(async () => {
  const [{ InboxDrawer }] = await Promise.all([import('./inbox-drawer'), prepareTexts('alerting')]);
  return { default: InboxDrawer };
});

/** Opens the inbox: a drawer on wide screens, a page on phones. */
export function InboxButton() {
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
      <Later isWanted={isOpen}>
        <InboxDrawer isOpen={isOpen} onClose={() => setOpen(false)} />
      </Later>
    </>
  );
}

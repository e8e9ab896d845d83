import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ChevronsUpDown } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { Menu, MenuLine, MenuLink } from '@/components/ui/menu';
import { accountsQuery } from '@/features/accounts/queries';
import { remember, useRemembered } from '@/lib/remembered';
import { VenueBadge } from './venue-badge';

/** Leads from any page to the dashboard of an account. */
export function AccountSwitcher() {
  const t = useTranslations();
  const { accountId } = useParams({ strict: false });
  const last = useRemembered('account');
  const accounts = useQuery(accountsQuery);
  const items = accounts.data?.items ?? [];
  const current = items.find((account) => account.id === (accountId ?? last));
  // The one that was looked at last stays the active one, over reloads too.
  useEffect(() => {
    if (accountId !== undefined && accountId !== last) remember('account', accountId);
  }, [accountId, last]);
  if (items.length === 0) return null;

  return (
    <Menu
      trigger={
        <button
          type="button"
          className="flex h-9 touch:h-11 min-w-0 max-w-full items-center gap-2 rounded-card border border-line px-2 text-left sm:px-3 hover:bg-surface-2"
        >
          <span className="sr-only">{t('nav.switchAccount')}: </span>
          <span className="min-w-0 truncate">{current?.name ?? t('nav.chooseAccount')}</span>
          {current && <VenueBadge account={current} />}
          <ChevronsUpDown aria-hidden size={16} className="shrink-0 text-muted" />
        </button>
      }
    >
      {items.map((account) => (
        <MenuLink
          key={account.id}
          render={<Link to="/dashboard/$accountId" params={{ accountId: account.id }} />}
        >
          <span
            aria-hidden
            className={`size-2 shrink-0 rounded-full ${account.online ? 'bg-safe' : 'border border-muted'}`}
          />
          <span className="min-w-0 flex-1 truncate">{account.name}</span>
          <VenueBadge account={account} />
          <span className="text-muted text-sm">{t(`accounts.roles.${account.copy_role}`)}</span>
          <span className="sr-only">{t(account.online ? 'common.online' : 'common.offline')}</span>
        </MenuLink>
      ))}
      <MenuLine />
      <MenuLink render={<Link to="/accounts" />}>{t('nav.allAccounts')}</MenuLink>
    </Menu>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleUser, LogOut, Settings } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { ProblemText } from '@/components/problem';
import { MenuItem, MenuLine, MenuLink } from '@/components/ui/menu';
import { meQuery, useLogout } from '@/features/session/queries';

/** What the user's own menu holds. It stays until he is signed out, or says why he is not. */
export function UserEntries() {
  const t = useTranslations('nav');
  const me = useQuery(meQuery);
  const logout = useLogout();
  return (
    <>
      <p className="max-w-64 truncate px-2.5 py-1.5 text-sm">
        <span className="block font-medium">{me.data?.name}</span>
        <span className="text-muted">{me.data?.email}</span>
      </p>
      <MenuLine />
      <MenuLink render={<Link to="/profile" />}>
        <CircleUser aria-hidden size={16} className="text-muted" />
        {t('profile')}
      </MenuLink>
      <MenuLink render={<Link to="/settings" />}>
        <Settings aria-hidden size={16} className="text-muted" />
        {t('settings')}
      </MenuLink>
      <MenuItem icon={LogOut} staysOpen onSelect={() => logout.mutate()}>
        {t('signOut')}
      </MenuItem>
      <div className="max-w-64 px-2.5 pb-2 empty:hidden">
        <ProblemText error={logout.error} />
      </div>
    </>
  );
}

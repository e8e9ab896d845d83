import { Link } from '@tanstack/react-router';
import {
  Boxes,
  ChartLine,
  Columns3,
  Ellipsis,
  LayoutDashboard,
  type LucideIcon,
  Plug,
  ScrollText,
  Settings,
  Telescope,
  Wallet,
} from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Menu, MenuLink } from '@/components/ui/menu';

/** In the order of the navigation. */
export const PAGES = [
  { to: '/', name: 'overview', icon: LayoutDashboard },
  { to: '/accounts', name: 'accounts', icon: Wallet },
  { to: '/groups', name: 'groups', icon: Boxes },
  { to: '/trades', name: 'trades', icon: ScrollText },
  { to: '/statistics', name: 'statistics', icon: ChartLine },
  { to: '/compare', name: 'compare', icon: Columns3 },
  { to: '/connections', name: 'connections', icon: Plug },
  { to: '/masters', name: 'masters', icon: Telescope },
  { to: '/settings', name: 'settings', icon: Settings },
] as const satisfies { to: string; name: string; icon: LucideIcon }[];

/** Pages that have a place in the bar of phones; the others are in its menu. */
const IN_BAR = 4;

/** The navigation of wide screens. */
export function SideNav() {
  const t = useTranslations('nav');
  return (
    <nav
      aria-label={t('label')}
      className="sticky top-14 hidden h-[calc(100dvh-3.5rem)] w-52 shrink-0 border-line border-r p-3 md:block"
    >
      <ul className="flex flex-col gap-0.5">
        {PAGES.map(({ to, name, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              activeOptions={{ exact: to === '/' }}
              className="flex h-9 items-center gap-3 rounded-card px-3 text-muted hover:bg-surface-2 hover:text-ink data-[status=active]:bg-accent-soft data-[status=active]:font-medium data-[status=active]:text-accent"
            >
              <Icon aria-hidden size={16} />
              {t(name)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const CELL =
  'flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-muted text-xs data-[status=active]:text-accent';

/** The navigation of phones, within thumb's reach. */
export function BottomBar() {
  const t = useTranslations('nav');
  return (
    <nav
      aria-label={t('label')}
      className="fixed inset-x-0 bottom-0 z-10 flex border-line border-t bg-surface-1 pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {PAGES.slice(0, IN_BAR).map(({ to, name, icon: Icon }) => (
        <Link key={to} to={to} activeOptions={{ exact: to === '/' }} className={CELL}>
          <Icon aria-hidden size={20} />
          {t(name)}
        </Link>
      ))}
      <Menu
        trigger={
          <button type="button" className={CELL}>
            <Ellipsis aria-hidden size={20} />
            {t('more')}
          </button>
        }
      >
        {PAGES.slice(IN_BAR).map(({ to, name, icon: Icon }) => (
          <MenuLink key={to} render={<Link to={to} />}>
            <Icon aria-hidden size={16} className="text-muted" />
            {t(name)}
          </MenuLink>
        ))}
        <MenuLink render={<a href="/docs">{t('documentation')}</a>}>
          <ScrollText aria-hidden size={16} className="text-muted" />
          {t('documentation')}
        </MenuLink>
      </Menu>
    </nav>
  );
}

import { Link } from '@tanstack/react-router';
import { CircleUser } from 'lucide-react';
import { lazy } from 'react';
import { useTranslations } from 'use-intl';
import { useStreamState } from '@/api/stream/react';
import { useFetchedAtRest } from '@/components/later';
import { Logo } from '@/components/logo';
import { LanguageMenu, ThemeMenu } from '@/components/preference-menus';
import { IconButton } from '@/components/ui/button';
import { Menu } from '@/components/ui/menu';
import { useSaveMe } from '@/features/settings/queries';
import { AccountSwitcher } from './account-switcher';
import { InboxButton } from './inbox';
import { QuickWays } from './quick-ways';
import { StopButton } from './stop';

const loadEntries = () => import('./user-entries');
const UserEntries = lazy(async () => ({ default: (await loadEntries()).UserEntries }));

export function Header() {
  const t = useTranslations('common');
  const save = useSaveMe();
  return (
    <header className="sticky top-0 z-10 flex h-14 items-center gap-2 border-line border-b bg-surface-1 px-4 sm:gap-4 sm:px-6">
      <Link to="/" className="flex items-center gap-2.5 font-semibold text-lg">
        <Logo />
        <span className="max-sm:sr-only">{t('app')}</span>
      </Link>
      <div className="min-w-0 flex-1">
        <AccountSwitcher />
      </div>
      <LiveState />
      <span className="flex items-center gap-1">
        <StopButton />
        <InboxButton />
      </span>
      <span className="hidden sm:flex">
        <QuickWays />
        <LanguageMenu onChange={(language) => save.mutate({ language })} />
        <ThemeMenu />
      </span>
      <UserMenu />
    </header>
  );
}

const DOTS = {
  live: 'bg-safe',
  connecting: 'border-2 border-caution',
  offline: 'border-2 border-negative',
  crowded: 'border-2 border-negative',
} as const;

/** Whether what is shown is live: dot and word. */
function LiveState() {
  const t = useTranslations('live');
  const state = useStreamState();
  return (
    <span
      role="status"
      title={t(`hint.${state}`)}
      // Many words may take two lines on a phone.
      className={`flex items-center gap-2 text-sm leading-tight ${state === 'crowded' ? '' : 'whitespace-nowrap'} ${state === 'live' ? 'text-safe' : 'text-muted'}`}
    >
      <span aria-hidden className={`size-2 rounded-full ${DOTS[state]}`} />
      <span className={state === 'live' ? 'max-sm:sr-only' : ''}>{t(state)}</span>
    </span>
  );
}

function UserMenu() {
  const t = useTranslations('nav');
  useFetchedAtRest(loadEntries);
  return (
    <Menu trigger={<IconButton icon={CircleUser} label={t('account')} />}>
      <UserEntries />
    </Menu>
  );
}

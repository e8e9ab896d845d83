import { Outlet } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useLiveConnection } from '@/api/stream/react';
import { VenueMarks } from '@/components/venue-mark';
import { useIsWide } from '@/lib/screen';
import { Footer } from './footer';
import { Header } from './header';
import { BottomBar, SideNav } from './nav';
import { Popup } from './popup';
import { StopStrip } from './stop';
import { AccountVenue } from './venue-badge';

/** Frame of every page of a signed-in user. */
export function Layout() {
  const t = useTranslations('common');
  useLiveConnection();
  // One navigation: drawing the other one for nobody takes a phone a while.
  const isWide = useIsWide();
  return (
    <VenueMarks value={AccountVenue}>
      <a
        href="#content"
        className="sr-only z-20 rounded-card bg-accent-fill px-3 py-2 text-on-fill focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t('skip')}
      </a>
      <div className="flex min-h-dvh flex-col">
        <Header />
        <StopStrip />
        <div className="flex flex-1">
          {isWide && <SideNav />}
          <div className="flex min-w-0 flex-1 flex-col pb-[calc(3.5rem+env(safe-area-inset-bottom))] md:pb-0">
            <main
              id="content"
              tabIndex={-1}
              className="mx-auto w-full max-w-7xl flex-1 px-4 py-5 outline-none sm:px-6"
            >
              <Outlet />
            </main>
            <Footer />
          </div>
        </div>
        {!isWide && <BottomBar />}
        <Popup />
      </div>
    </VenueMarks>
  );
}

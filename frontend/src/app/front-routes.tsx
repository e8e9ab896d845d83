import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { restoreSession } from '@/features/session/queries';
import { prepareTexts } from '@/lib/i18n/provider';
import { readLoginSearch } from './search';

export const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet });

export const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: readLoginSearch,
  component: lazyRouteComponent(() => import('./routes/login'), 'LoginPage'),
});

export const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  validateSearch: readLoginSearch,
  component: lazyRouteComponent(() => import('./routes/register'), 'RegisterPage'),
});

export const forgot = createRoute({
  getParentRoute: () => root,
  path: '/forgot',
  beforeLoad: () => prepareTexts('recovering'),
  component: lazyRouteComponent(() => import('./routes/forgot'), 'ForgotPage'),
});

/** Links of mails bring their token behind the `#`: no server sees it there. */
export const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  beforeLoad: () => prepareTexts('recovering'),
  component: lazyRouteComponent(() => import('./routes/reset'), 'ResetPage'),
});

export const verify = createRoute({
  getParentRoute: () => root,
  path: '/verify',
  beforeLoad: () => prepareTexts('recovering'),
  component: lazyRouteComponent(() => import('./routes/verify'), 'VerifyPage'),
});

/** What a link shows to whoever has it, signed in or not. */
export const shared = createRoute({
  getParentRoute: () => root,
  path: '/shared/$token',
  beforeLoad: () => prepareTexts('sharing'),
  component: lazyRouteComponent(() => import('./routes/shared'), 'SharedPage'),
});

/** Pages of a signed-in user. Without one: to the sign-in, and back here afterwards. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    // Both at once. Without a session the texts are not waited for, and their failure is nobody's.
    const texts = prepareTexts('pages').catch((reason: unknown) => reason);
    if (!(await restoreSession(context.queries))) {
      throw redirect({ to: '/login', search: { next: location.href } });
    }
    const failure = await texts;
    if (failure !== undefined) throw failure;
  },
  component: lazyRouteComponent(() => import('./layout'), 'Layout'),
});

import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { restoreSession } from '@/features/session/queries';
import { readTradesSearch } from '@/features/trades/search';
import { prepareTexts } from '@/lib/i18n/provider';
import {
  readConnectionsSearch,
  readDashboardSearch,
  readDirectorySearch,
  readLoginSearch,
} from './search';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: readLoginSearch,
  component: lazyRouteComponent(() => import('./routes/login'), 'LoginPage'),
});

const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  validateSearch: readLoginSearch,
  component: lazyRouteComponent(() => import('./routes/register'), 'RegisterPage'),
});

/** Pages of a signed-in user. Without one: to the sign-in, and back here afterwards. */
const signedIn = createRoute({
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

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: () => prepareTexts('overview'),
  component: lazyRouteComponent(() => import('./routes/overview'), 'OverviewPage'),
});

const accounts = createRoute({
  getParentRoute: () => signedIn,
  path: '/accounts',
  beforeLoad: () => prepareTexts('copying'),
  component: lazyRouteComponent(() => import('./routes/accounts'), 'AccountsPage'),
});

const groups = createRoute({
  getParentRoute: () => signedIn,
  path: '/groups',
  beforeLoad: () => prepareTexts('grouping'),
  component: lazyRouteComponent(() => import('./routes/groups'), 'GroupsPage'),
});

const group = createRoute({
  getParentRoute: () => signedIn,
  path: '/groups/$groupId',
  beforeLoad: () => prepareTexts('grouping', 'risk'),
  component: lazyRouteComponent(() => import('./routes/group'), 'GroupPage'),
});

const accountRisk = createRoute({
  getParentRoute: () => signedIn,
  path: '/risk/$accountId',
  beforeLoad: () => prepareTexts('journal', 'risk', 'exchange'),
  component: lazyRouteComponent(() => import('./routes/account-risk'), 'AccountRiskPage'),
});

const reporter = createRoute({
  getParentRoute: () => signedIn,
  path: '/risk/$accountId/reporter',
  beforeLoad: () => prepareTexts('risk'),
  component: lazyRouteComponent(() => import('./routes/reporter'), 'ReporterPage'),
});

const dashboard = createRoute({
  getParentRoute: () => signedIn,
  path: '/dashboard/$accountId',
  validateSearch: readDashboardSearch,
  beforeLoad: () => prepareTexts('copying', 'journal', 'exchange'),
  component: lazyRouteComponent(() => import('./routes/dashboard'), 'DashboardPage'),
});

const trades = createRoute({
  getParentRoute: () => signedIn,
  path: '/trades',
  validateSearch: readTradesSearch,
  beforeLoad: () => prepareTexts('journal'),
  component: lazyRouteComponent(() => import('./routes/trades'), 'TradesPage'),
});

const copy = createRoute({
  getParentRoute: () => signedIn,
  path: '/copies/$copyId',
  beforeLoad: () => prepareTexts('copying', 'journal', 'exchange'),
  component: lazyRouteComponent(() => import('./routes/copy'), 'CopyPage'),
});

const alerts = createRoute({
  getParentRoute: () => signedIn,
  path: '/alerts',
  beforeLoad: () => prepareTexts('alerting'),
  component: lazyRouteComponent(() => import('./routes/alerts'), 'AlertsPage'),
});

const masters = createRoute({
  getParentRoute: () => signedIn,
  path: '/masters',
  validateSearch: readDirectorySearch,
  beforeLoad: () => prepareTexts('copying'),
  component: lazyRouteComponent(() => import('./routes/masters'), 'MastersPage'),
});

const master = createRoute({
  getParentRoute: () => signedIn,
  path: '/m/$slug',
  beforeLoad: () => prepareTexts('copying', 'journal'),
  component: lazyRouteComponent(() => import('./routes/master'), 'MasterPage'),
});

const connections = createRoute({
  getParentRoute: () => signedIn,
  path: '/connections',
  validateSearch: readConnectionsSearch,
  beforeLoad: () => prepareTexts('exchange'),
  component: lazyRouteComponent(() => import('./routes/connections'), 'ConnectionsPage'),
});

const bingxGuide = createRoute({
  getParentRoute: () => signedIn,
  path: '/guides/bingx',
  beforeLoad: () => prepareTexts('exchange', 'guides'),
  component: lazyRouteComponent(() => import('./routes/bingx-guide'), 'BingxGuidePage'),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  beforeLoad: () => prepareTexts('defaults'),
  component: lazyRouteComponent(() => import('./routes/settings'), 'SettingsPage'),
});

/** Every address, and what has to be there before its page is shown. */
export const routeTree = root.addChildren([
  login,
  register,
  signedIn.addChildren([
    overview,
    accounts,
    groups,
    group,
    accountRisk,
    reporter,
    dashboard,
    masters,
    master,
    trades,
    copy,
    alerts,
    connections,
    bingxGuide,
    settings,
  ]),
]);

import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import {
  readCalendarSearch,
  readCompareSearch,
  readDaySearch,
  readOverviewSearch,
  readStatsSearch,
} from '@/features/stats/search';
import { readTradesSearch } from '@/features/trades/search';
import { prepareTexts } from '@/lib/i18n/provider';
import { forgot, login, register, reset, root, shared, signedIn, verify } from './front-routes';
import { readConnectionsSearch, readDashboardSearch, readDirectorySearch } from './search';

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  validateSearch: readOverviewSearch,
  beforeLoad: () => prepareTexts('overview', 'journal'),
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

const calendar = createRoute({
  getParentRoute: () => signedIn,
  path: '/trades/calendar',
  validateSearch: readCalendarSearch,
  beforeLoad: () => prepareTexts('statistics'),
  component: lazyRouteComponent(() => import('./routes/calendar'), 'CalendarPage'),
});

const day = createRoute({
  getParentRoute: () => signedIn,
  path: '/trades/days/$day',
  validateSearch: readDaySearch,
  beforeLoad: () => prepareTexts('journal', 'statistics'),
  component: lazyRouteComponent(() => import('./routes/day'), 'DayPage'),
});

const statistics = createRoute({
  getParentRoute: () => signedIn,
  path: '/statistics',
  validateSearch: readStatsSearch,
  beforeLoad: () => prepareTexts('statistics'),
  component: lazyRouteComponent(() => import('./routes/statistics'), 'StatisticsPage'),
});

const compare = createRoute({
  getParentRoute: () => signedIn,
  path: '/compare',
  validateSearch: readCompareSearch,
  beforeLoad: () => prepareTexts('statistics'),
  component: lazyRouteComponent(() => import('./routes/compare'), 'ComparePage'),
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
  beforeLoad: () => prepareTexts('defaults', 'copying', 'sharing'),
  component: lazyRouteComponent(() => import('./routes/settings'), 'SettingsPage'),
});

const profile = createRoute({
  getParentRoute: () => signedIn,
  path: '/profile',
  beforeLoad: () => prepareTexts('defaults', 'statistics'),
  component: lazyRouteComponent(() => import('./routes/profile'), 'ProfilePage'),
});

/** Every address, and what has to be there before its page is shown. */
export const routeTree = root.addChildren([
  login,
  register,
  forgot,
  reset,
  verify,
  shared,
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
    calendar,
    day,
    statistics,
    compare,
    copy,
    alerts,
    connections,
    bingxGuide,
    settings,
    profile,
  ]),
]);

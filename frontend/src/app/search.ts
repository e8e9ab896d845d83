import type { CopyNarrowing } from '@/features/copies/components/copy-filters';
import {
  FOLLOWER_TABS,
  type FollowerTab,
  MASTER_TABS,
  type MasterTab,
} from '@/features/copies/tabs';
import { isReason, isState } from '@/features/copies/words';
import { type DirectoryFilter, RANKINGS } from '@/features/masters/rankings';

// What an address may carry after its `?`. Anything else is dropped, not an error.

type Search = Record<string, unknown>;

export interface LoginSearch {
  /** Page to return to, inside this application. */
  next?: string;
  expired?: true;
}

export function readLoginSearch(search: Search): LoginSearch {
  const { next, expired } = search;
  return {
    ...(typeof next === 'string' && isInside(next) && { next }),
    ...(expired === true && { expired }),
  };
}

/** Never to another host: `//evil.example` and `/\evil.example` are such. */
function isInside(path: string): boolean {
  return /^\/(?![/\\])/.test(path);
}

const DASHBOARD_TABS = [...FOLLOWER_TABS, ...MASTER_TABS] as const;
export type DashboardTab = FollowerTab | MasterTab;

/** Which tab of a dashboard, and what its list of copies is narrowed to. */
export interface DashboardSearch extends CopyNarrowing {
  tab?: DashboardTab;
}

export function readDashboardSearch({ tab, state, reason, symbol }: Search): DashboardSearch {
  const known = DASHBOARD_TABS.find((each) => each === tab);
  return {
    ...(known && { tab: known }),
    ...(isState(state) && { state }),
    ...(isReason(reason) && { reason }),
    ...(typeof symbol === 'string' && symbol !== '' && { symbol }),
  };
}

export function isFollowerTab(tab: DashboardTab | undefined): tab is FollowerTab {
  return FOLLOWER_TABS.some((each) => each === tab);
}

export function isMasterTab(tab: DashboardTab | undefined): tab is MasterTab {
  return MASTER_TABS.some((each) => each === tab);
}

export function readDirectorySearch({ search, sort }: Search): DirectoryFilter {
  const known = RANKINGS.find((each) => each === sort);
  return {
    ...(typeof search === 'string' && search !== '' && { search: search.slice(0, 100) }),
    ...(known && { sort: known }),
  };
}

/** In place of an account's id: which account is chosen in the window. */
export const NEW_CONNECTION = 'new';

export interface ConnectionsSearch {
  /** Whose key is being entered. */
  connect?: string;
}

export function readConnectionsSearch({ connect }: Search): ConnectionsSearch {
  return { ...(typeof connect === 'string' && connect !== '' && { connect }) };
}

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

export const COPY_TABS = ['open', 'closed', 'missed'] as const;
export type CopyTab = (typeof COPY_TABS)[number];

export interface DashboardSearch {
  tab?: CopyTab;
}

export function readDashboardSearch(search: Search): DashboardSearch {
  const tab = COPY_TABS.find((known) => known === search.tab);
  return tab ? { tab } : {};
}

export interface TradesSearch {
  account?: string;
  status?: 'open' | 'closed';
  symbol?: string;
}

export function readTradesSearch({ account, status, symbol }: Search): TradesSearch {
  return {
    ...(typeof account === 'string' && account !== '' && { account }),
    ...((status === 'open' || status === 'closed') && { status }),
    ...(typeof symbol === 'string' && symbol !== '' && { symbol }),
  };
}

export const RANKINGS = ['followers', 'total_pnl', 'drawdown', 'trades', 'name'] as const;
export type Ranking = (typeof RANKINGS)[number];

/** What the directory is narrowed to, and how it is ranked. */
export interface DirectoryFilter {
  search?: string | undefined;
  sort?: Ranking | undefined;
}

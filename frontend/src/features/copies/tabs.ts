/** Parts of a follower's dashboard. */
export const FOLLOWER_TABS = ['open', 'closed', 'missed', 'attention', 'settings'] as const;
export type FollowerTab = (typeof FOLLOWER_TABS)[number];

/** Parts of a master's dashboard. */
export const MASTER_TABS = ['signals', 'copies', 'whatIf'] as const;
export type MasterTab = (typeof MASTER_TABS)[number];

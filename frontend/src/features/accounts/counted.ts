import type { Account } from '@/api/types';

/** What the user ticked and unticked himself, by account. */
type Choices = Record<string, boolean>;

type Countable = Pick<Account, 'id' | 'platform'>;

/** Money that is not real counts only where it is ticked. `demos`: accounts that an exchange lends virtual money. */
function countsByItself({ id, platform }: Countable, demos: ReadonlySet<string>): boolean {
  return platform !== 'paper' && !demos.has(id);
}

/** The accounts that count. */
export function countedOf(
  accounts: readonly Countable[],
  demos: ReadonlySet<string>,
  stored: string | null,
): Set<string> {
  const choices = choicesOf(stored);
  const counted = accounts.filter(
    (account) => choices[account.id] ?? countsByItself(account, demos),
  );
  return new Set(counted.map(({ id }) => id));
}

/** What to remember once these are ticked: only what differs from what counts by itself. */
export function choicesFor(
  accounts: readonly Countable[],
  demos: ReadonlySet<string>,
  ticked: ReadonlySet<string>,
): string {
  const differing = accounts.filter(
    (account) => ticked.has(account.id) !== countsByItself(account, demos),
  );
  return JSON.stringify(
    Object.fromEntries(differing.map(({ id }) => [id, ticked.has(id)])) satisfies Choices,
  );
}

function choicesOf(stored: string | null): Choices {
  try {
    const read: unknown = JSON.parse(stored ?? '{}');
    if (typeof read !== 'object' || read === null) return {};
    return Object.fromEntries(
      Object.entries(read).filter((entry): entry is [string, boolean] => {
        return typeof entry[1] === 'boolean';
      }),
    );
  } catch {
    return {};
  }
}

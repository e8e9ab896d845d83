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

/**
 * What to remember once these are ticked: only what differs from what counts by itself. Of
 * accounts that are not listed now what was remembered stays: others use this device too.
 */
export function choicesFor(
  accounts: readonly Countable[],
  demos: ReadonlySet<string>,
  ticked: ReadonlySet<string>,
  stored: string | null,
): string {
  const listed = new Set(accounts.map(({ id }) => id));
  const others = Object.entries(choicesOf(stored)).filter(([id]) => !listed.has(id));
  const differing = accounts.filter(
    (account) => ticked.has(account.id) !== countsByItself(account, demos),
  );
  const own = differing.map(({ id }): [string, boolean] => [id, ticked.has(id)]);
  return JSON.stringify(Object.fromEntries([...others, ...own]) satisfies Choices);
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

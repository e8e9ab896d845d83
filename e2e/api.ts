import { expect, type Page } from '@playwright/test';

/** Calls the API as the page's user; for what a story needs and is not about. */
export class Api {
  readonly #page: Page;
  readonly #headers: { authorization: string };

  private constructor(page: Page, authorization: string) {
    this.#page = page;
    this.#headers = { authorization };
  }

  /** With the token that the page itself uses. */
  static async of(page: Page): Promise<Api> {
    const isOurs = (request: { headers: () => Record<string, string> }) =>
      request.headers().authorization !== undefined;
    const [request] = await Promise.all([page.waitForRequest(isOurs), page.goto('/accounts')]);
    return new Api(page, request.headers().authorization ?? '');
  }

  /** What the page itself says who asks by; good for ten minutes. */
  get authorization(): string {
    return this.#headers.authorization;
  }

  async call<Answer>(method: string, path: string, data?: object): Promise<Answer> {
    const options = { method, headers: this.#headers, ...(data && { data }) };
    const response = await this.#page.request.fetch(`/api/v1${path}`, options);
    expect(response.ok(), `${method} ${path}: ${await response.text()}`).toBe(true);
    return response.json();
  }
}

export interface NewAccount {
  id: string;
  name: string;
  api_key: string;
}

/** An account of the broker's terminal, in dollars. */
export async function addAccount(
  api: Api,
  name: string,
  role: 'master' | 'follower' | 'none',
  more: object = {},
): Promise<NewAccount> {
  return api.call('POST', '/accounts', { name, platform: 'mt5', copy_role: role, ...more });
}

/** A trade that was bought and is typed in. */
export async function addTrade(api: Api, { id }: NewAccount, more: object): Promise<void> {
  await api.call('POST', '/trades', { account_id: id, direction: 'LONG', ...more });
}

/** May lose 5,000 a day and 10,000 in all; the usual marks are at half and at a fifth of that. */
export async function beginRules(api: Api, { id }: NewAccount, more: object = {}): Promise<void> {
  const limit = (value: string) => ({ type: 'amount', value });
  await api.call('POST', `/accounts/${id}/phases`, {
    starting_balance: '100000',
    rules: [
      { id: 'daily', kind: 'max_daily_loss', limit: limit('5000'), reference: 'max' },
      { id: 'total', kind: 'max_total_loss', limit: limit('10000') },
    ],
    ...more,
  });
}

/** A group of these accounts; answers its address on the pages. */
export async function addGroup(api: Api, name: string, accounts: NewAccount[]): Promise<string> {
  const { id } = await api.call<{ id: string }>('POST', '/groups', { name });
  for (const account of accounts) {
    await api.call('POST', `/groups/${id}/accounts`, { account_id: account.id });
  }
  return `/groups/${id}`;
}

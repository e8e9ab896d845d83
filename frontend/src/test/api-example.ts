import createClient from 'openapi-fetch';
import type { paths } from '@/api/schema.gen';

declare const HOST: string;
declare const KEY: string;

const flotilla = createClient<paths>({
  baseUrl: HOST,
  headers: { Authorization: `Bearer ${KEY}` },
});

/** What the trades with a tag brought, in each currency. */
export async function broughtBy(tag: string) {
  const { data, error } = await flotilla.GET('/api/v1/stats', { params: { query: { tag } } });
  if (error) throw new Error(error.code);
  return data.totals.map(({ currency, total_pnl }) => `${total_pnl} ${currency}`);
}

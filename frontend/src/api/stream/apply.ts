import type { Query, QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '../keys';
import type { Account, Alert, Copy, Group, Page, ReasonCode, Signal, Trade } from '../types';
import { applyRisk, isRiskMessage } from './apply-risk';
import { isCounted } from './counted';
import type { PositionFloating, Presence, Price, StreamMessage } from './messages';

/** Rows kept of a list that grows at its head. */
const LONGEST_LIST = 200;
/** Symbols that the server suggests at most. */
const MOST_SYMBOLS = 200;
/** Alerts of one severity kept for whoever tells of them. */
const MOST_TOLD = 3;

/** Which trades a list holds; the second part of its key. */
export interface TradeFilter {
  account_id?: string | undefined;
  status?: Trade['status'] | undefined;
  source?: Trade['source'] | undefined;
  symbol?: string | undefined;
  /** Entered at or after, and before. */
  from?: string | undefined;
  to?: string | undefined;
  /** Over at or after, and before. */
  closed_from?: string | undefined;
  closed_to?: string | undefined;
  group_id?: string | undefined;
  /** Only accounts that statistics count, all of them or those of one currency. */
  counted?: boolean | undefined;
  currency?: string | undefined;
  direction?: Trade['direction'] | undefined;
  tag?: string | undefined;
  result?: 'win' | 'loss' | 'breakeven' | undefined;
  sort?:
    | 'entry_at'
    | '-entry_at'
    | 'exit_at'
    | '-exit_at'
    | 'symbol'
    | '-symbol'
    | 'pnl'
    | '-pnl'
    | undefined;
}

/** Which copies a list holds; the last part of its key. Absent: any. */
export interface CopyFilter {
  states?: readonly Copy['state'][] | undefined;
  reason?: ReasonCode | undefined;
  symbol?: string | undefined;
}

/** A list of several pages, as the cache holds it. */
interface Pages<Row> {
  pages: Page<Row>[];
  pageParams: unknown[];
}

/**
 * Brings cached answers up to date. Returns the keys of those that cannot be
 * patched and should be read again, soon rather than at once.
 */
export function applyMessages(queries: QueryClient, messages: StreamMessage[]): QueryKey[] {
  const predicate = ({ state }: Query) => state.isInvalidated;
  const marked = queries.getQueryCache().findAll({ predicate });
  const outdated = patchedBy(queries, messages);
  // What is patched counts as read. What else it lacks would be missing until something tells of it.
  for (const query of marked) query.invalidate();
  return outdated;
}

function patchedBy(queries: QueryClient, messages: StreamMessage[]): QueryKey[] {
  const outdated: QueryKey[] = [];
  for (const message of messages) {
    if (isRiskMessage(message)) {
      outdated.push(...applyRisk(queries, message));
      continue;
    }
    switch (message.type) {
      case 'account.updated':
        applyAccount(queries, message.data);
        // Also told when its terminal listed positions: some may be no copy's.
        outdated.push(keys.subscriptions(message.data.id), keys.orphans(message.data.id));
        break;
      case 'account.presence':
        applyPresence(queries, message.data);
        // An account at an exchange is served while its key works.
        outdated.push(keys.exchangeKeys);
        break;
      case 'group.updated':
        applyGroup(queries, message.data);
        outdated.push(keys.groupRisk(message.data.id));
        break;
      case 'group.deleted':
        removeGroup(queries, message.data.id);
        queries.removeQueries({ queryKey: keys.groupRisk(message.data.id) });
        break;
      case 'copy.updated':
        applyCopy(queries, message.data);
        outdated.push(keys.copy(message.data.id), keys.positions(message.data.follower_account_id));
        outdated.push(keys.followers(message.data.master_account_id));
        outdated.push(keys.signals(message.data.master_account_id));
        break;
      case 'trade.updated':
        outdated.push(...applyTrade(queries, message.data));
        if (isCounted(queries, message.data)) outdated.push(keys.stats);
        break;
      case 'trades.changed':
        outdated.push(keys.trades, keys.stats);
        break;
      case 'price':
        applyPrice(queries, message.data);
        break;
      case 'signal.received':
        applySignal(queries, message.data);
        break;
      case 'alert.created':
        tell(queries, message.data);
        outdated.push(keys.alerts, keys.exchangeKeys);
        break;
      case 'alert.updated':
        if (message.data.read_at) untell(queries, message.data.id);
        outdated.push(keys.alerts, keys.exchangeKeys);
        break;
      case 'alerts.unread':
        queries.setQueryData(keys.unread, message.data.unread);
        break;
      case 'stop.updated':
        queries.setQueryData(keys.operation(message.data.id), message.data);
        outdated.push(keys.stop);
        break;
      case 'alive':
      case 'resync':
      case 'refused':
        break;
    }
  }
  return outdated;
}

/** Newest first. Those of one severity push out their like alone, never what is more urgent. */
function tell(queries: QueryClient, alert: Alert): void {
  queries.setQueryData<Alert[]>(keys.toldAlerts, (told = []) => {
    const isLike = ({ severity }: Alert) => severity === alert.severity;
    const others = told.filter(({ id }) => id !== alert.id);
    const kept = others.filter(isLike).slice(0, MOST_TOLD - 1);
    return [alert, ...others.filter((other) => !isLike(other) || kept.includes(other))];
  });
}

/** Somebody has read it. */
function untell(queries: QueryClient, alertId: string): void {
  queries.setQueryData<Alert[]>(keys.toldAlerts, (told) =>
    told?.filter(({ id }) => id !== alertId),
  );
}

function applyAccount(queries: QueryClient, account: Account): void {
  const isListed = !account.archived_at;
  queries.setQueryData<Page<Account>>(
    keys.accounts,
    (page) => page && placed(page, account, isListed),
  );
  if (queries.getQueryData(keys.account(account.id))) {
    queries.setQueryData(keys.account(account.id), account);
  }
}

/** Groups are listed oldest first, so a new one comes last. */
function applyGroup(queries: QueryClient, group: Group): void {
  queries.setQueryData<Page<Group>>(keys.groups, (page) => {
    if (!page) return page;
    const isKnown = has(page, group);
    const items = isKnown
      ? page.items.map((item) => (item.id === group.id ? group : item))
      : [...page.items, group];
    return { ...page, items };
  });
}

function removeGroup(queries: QueryClient, id: string): void {
  queries.setQueryData<Page<Group>>(
    keys.groups,
    (page) => page && { ...page, items: page.items.filter((item) => item.id !== id) },
  );
}

function applyPresence(queries: QueryClient, presence: Presence): void {
  const seen = (account: Account): Account => ({
    ...account,
    online: presence.online,
    last_seen_at: presence.last_seen_at ?? account.last_seen_at ?? null,
  });
  const id = presence.account_id;
  queries.setQueryData<Account>(keys.account(id), (account) => account && seen(account));
  queries.setQueryData<Page<Account>>(
    keys.accounts,
    (page) =>
      page && { ...page, items: page.items.map((item) => (item.id === id ? seen(item) : item)) },
  );
}

function applyCopy(queries: QueryClient, copy: Copy): void {
  for (const accountId of new Set([copy.follower_account_id, copy.master_account_id])) {
    for (const [key, list] of queries.getQueriesData<Pages<Copy>>({
      queryKey: keys.copies(accountId),
    })) {
      const filter = (key.at(-1) ?? {}) satisfies CopyFilter as CopyFilter;
      if (list) queries.setQueryData(key, placedInPages(list, copy, holds(filter, copy)));
    }
  }
}

function holds({ states, reason, symbol }: CopyFilter, copy: Copy): boolean {
  return (
    (states?.includes(copy.state) ?? true) &&
    (reason === undefined || reason === copy.reason?.code) &&
    (symbol === undefined || symbol === copy.symbol)
  );
}

/** Each row keeps its page; a new one comes first, and pages are not filled up. */
function placedInPages<Row extends { id: string }>(
  list: Pages<Row>,
  row: Row,
  belongs: boolean,
): Pages<Row> {
  const isKnown = list.pages.some(({ items }) => items.some(({ id }) => id === row.id));
  const pages = list.pages.map((page, place) =>
    isKnown || place === 0 ? placed(page, row, belongs && (!isKnown || has(page, row))) : page,
  );
  return { ...list, pages };
}

function has<Row extends { id: string }>(page: Page<Row>, row: Row): boolean {
  return page.items.some(({ id }) => id === row.id);
}

function applySignal(queries: QueryClient, signal: Signal): void {
  queries.setQueryData<Pages<Signal>>(
    keys.signals(signal.account_id),
    (list) => list && placedInPages(list, signal, true),
  );
}

type Positions = ReadonlyMap<string, PositionFloating>;
type Valued = Copy | Trade;
/** What the cache holds of copies and trades. */
type Held = Pages<Valued> | Page<Valued> | Valued;

/** Copies and trades get the floating profit that the new price gives them, wherever they are shown. */
function applyPrice(queries: QueryClient, { account_id, positions }: Price): void {
  const byId = new Map<string, PositionFloating>();
  for (const position of positions) {
    byId.set(position.trade_id, position);
    if (position.copy_id) byId.set(position.copy_id, position);
  }
  // What is outdated would no longer be so, and never be read again; the answer has newer prices.
  const predicate = ({ state }: Query) => !state.isInvalidated;
  for (const queryKey of [keys.copies(account_id), keys.trades]) {
    queries.setQueriesData<Held>({ queryKey, predicate }, (held) => {
      const next = held && valued(held, byId);
      return next === held ? undefined : next;
    });
  }
}

/** The same where nothing is concerned, so that nothing is drawn again. */
function valued<Part extends Held>(held: Part, positions: Positions): Part {
  if ('pages' in held) {
    const pages = held.pages.map((page) => valued(page, positions));
    return pages.some((page, at) => page !== held.pages[at]) ? { ...held, pages } : held;
  }
  if ('items' in held) {
    const items = held.items.map((row) => valued(row, positions));
    return items.some((row, at) => row !== held.items[at]) ? { ...held, items } : held;
  }
  const position = positions.get(held.id);
  if (!position) return held;
  const { floating_pnl, floating_pnl_estimated, floating_pnl_unknown } = position;
  return { ...held, floating_pnl, floating_pnl_estimated, floating_pnl_unknown };
}

/** Lists are patched as far as what they ask of a trade and their order can be judged here. */
function applyTrade(queries: QueryClient, trade: Trade): QueryKey[] {
  const outdated: QueryKey[] = [];
  const cached = queries.getQueriesData<Page<Trade> | Pages<Trade>>({ queryKey: keys.trades });
  for (const [key, list] of cached) {
    const filter = (key.at(-1) ?? {}) satisfies TradeFilter as TradeFilter;
    if (!list) continue;
    if ('items' in list) {
      queries.setQueryData(key, placedInOrder(list, trade, filter));
    } else if ('pages' in list) {
      if (applyToPages(queries, key, list, trade)) outdated.push(key);
    } else if (key.at(-1) === trade.id) {
      outdated.push(key);
    }
  }
  const symbols = queries.getQueryData<string[]>(keys.tradeSymbols);
  // A full list has the newest only: it would be read again with each trade of an older one.
  if (symbols && symbols.length < MOST_SYMBOLS && !symbols.includes(trade.symbol))
    outdated.push(keys.tradeSymbols);
  return outdated;
}

/** Whether the list has to be read again, which of a long one takes as many requests as it has pages. */
function applyToPages(
  queries: QueryClient,
  key: QueryKey,
  list: Pages<Trade>,
  trade: Trade,
): boolean {
  const filter = (key.at(-1) ?? {}) satisfies TradeFilter as TradeFilter;
  const known = rowOf(list, trade.id);
  const belongs = isWithin(filter, trade);
  // Whatever else it asks for.
  if (!known && !belongs) return false;
  const stays = !belongs || known?.entry_at === trade.entry_at;
  if (STEADY.includes(filter.sort) && !stays) return movedInPages(queries, key, list, trade);
  if (known) queries.setQueryData(key, placedInPages(list, trade, belongs));
  return !isJudged(filter) && (!known || mayMove(known, trade));
}

/** As above, of a list sorted by entry and a trade that is new there, or entered at another time. */
function movedInPages(
  queries: QueryClient,
  key: QueryKey,
  list: Pages<Trade>,
  trade: Trade,
): boolean {
  const filter = (key.at(-1) ?? {}) satisfies TradeFilter as TradeFilter;
  const known = rowOf(list, trade.id);
  const rest = known ? placedInPages(list, trade, false) : list;
  const next = placedInSteadyOrder(rest, { ...known, ...trade }, filter);
  if (next === rest || !isJudged(filter)) {
    if (known) queries.setQueryData(key, placedInPages(list, trade, true));
    // What moved behind the last row may stand before the place where the next page begins.
    return known !== undefined || next !== rest;
  }
  queries.setQueryData(key, next);
  return next.pages.some(({ items }) => items.length > LONGEST_LIST);
}

function rowOf<Row extends { id: string }>(list: Pages<Row>, id: string): Row | undefined {
  for (const { items } of list.pages) {
    const row = items.find((item) => item.id === id);
    if (row) return row;
  }
  return undefined;
}

/**
 * A list sorted by entry with a trade that it has not, where its order wants it. What belongs behind
 * all that is here comes with a page of its own; then the list is the same.
 */
function placedInSteadyOrder(
  list: Pages<Trade>,
  trade: Trade,
  { sort }: TradeFilter,
): Pages<Trade> {
  const isOldestFirst = sort === 'entry_at';
  const isBefore = (other: Trade) => isNewer(trade, other) !== isOldestFirst;
  const found = list.pages.findIndex(({ items }) => items.slice(-1).some(isBefore));
  if (found === -1 && list.pages.at(-1)?.next_cursor) return list;
  const at = found === -1 ? list.pages.length - 1 : found;
  const pages = list.pages.map((page, place) => {
    if (place !== at) return page;
    const row = page.items.findIndex(isBefore);
    const items = page.items.toSpliced(row === -1 ? page.items.length : row, 0, trade);
    return { ...page, items };
  });
  return { ...list, pages };
}

function isNewer(one: Trade, other: Trade): boolean {
  const [at, than] = [Date.parse(one.entry_at), Date.parse(other.entry_at)];
  return at === than ? one.id > other.id : at > than;
}

/** Whether something changed by which lists are sorted or filtered. */
function mayMove(before: Trade, after: Trade): boolean {
  const told = ({ status, pnl, entry_at, exit_at, symbol, tags }: Trade) =>
    JSON.stringify([status, pnl, entry_at, exit_at, symbol, tags]);
  return told(before) !== told(after);
}

const COMPARED = ['account_id', 'status', 'source', 'symbol', 'direction'] as const;
const JUDGED: readonly string[] = [...COMPARED, 'from', 'to', 'closed_from', 'closed_to'];
/** Where a trade stands by these does not change with its result and its end. */
const STEADY: readonly TradeFilter['sort'][] = [undefined, 'entry_at', '-entry_at'];

function matches(filter: TradeFilter, trade: Trade): boolean {
  return COMPARED.every((field) => filter[field] === undefined || filter[field] === trade[field]);
}

/** Whether a trade fits all that is judged here. */
function isWithin(filter: TradeFilter, trade: Trade): boolean {
  const { from, to, closed_from, closed_to } = filter;
  const isOfEnds = Boolean(closed_from || closed_to);
  return (
    matches(filter, trade) &&
    isBetween(trade.entry_at, from, to) &&
    (!isOfEnds ||
      (trade.status === 'closed' && isBetween(trade.exit_at ?? '', closed_from, closed_to)))
  );
}

function isBetween(at: string, from: string | undefined, to: string | undefined): boolean {
  const time = Date.parse(at);
  return (!from || time >= Date.parse(from)) && (!to || time < Date.parse(to));
}

/** Whether nothing but what is judged here decides whether and where a list has a trade. */
function isJudged({ sort, ...filter }: TradeFilter): boolean {
  const asked = Object.entries(filter).flatMap(([name, value]) => (value ? name : []));
  return STEADY.includes(sort) && asked.every((name) => JUDGED.includes(name));
}

/**
 * A single page with the newest state of a trade where its order wants it: by its exit in a list
 * of closed ones, else by its entry. What would come behind the last of a page with more stays out.
 */
function placedInOrder(page: Page<Trade>, trade: Trade, filter: TradeFilter): Page<Trade> {
  const known = page.items.find(({ id }) => id === trade.id);
  const others = known ? page.items.filter(({ id }) => id !== trade.id) : page.items;
  if (!matches(filter, trade)) return known ? { ...page, items: others } : page;
  const place = others.findIndex((other) => standsBefore(trade, other, filter));
  if (place === -1 && !known && page.next_cursor) return page;
  const items = others.toSpliced(place === -1 ? others.length : place, 0, { ...known, ...trade });
  return { ...page, items: items.slice(0, LONGEST_LIST) };
}

function standsBefore(one: Trade, other: Trade, { status }: TradeFilter): boolean {
  const at = ({ entry_at, exit_at }: Trade) =>
    Date.parse((status === 'closed' && exit_at) || entry_at);
  return at(one) === at(other) ? one.id > other.id : at(one) > at(other);
}

/** The page with the newest state of one row: replaced, put first, or taken out. */
function placed<Row extends { id: string }>(
  page: Page<Row>,
  row: Row,
  belongs: boolean,
): Page<Row> {
  const known = page.items.some((item) => item.id === row.id);
  if (known && belongs) {
    return {
      ...page,
      items: page.items.map((item) => (item.id === row.id ? { ...item, ...row } : item)),
    };
  }
  if (known) return { ...page, items: page.items.filter((item) => item.id !== row.id) };
  return belongs ? { ...page, items: [row, ...page.items].slice(0, LONGEST_LIST) } : page;
}

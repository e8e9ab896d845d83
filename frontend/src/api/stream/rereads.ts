import type { Query, QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '../keys';

/**
 * Lists that cannot be patched are read again at most this often. One of several pages takes a request
 * for each of them, so it waits as much longer: it costs the server no more than a short one.
 */
const LISTS_APART_MS = 1_000;
/** For figures the server reads every trade: at once for one that comes alone, at most so often while more come. */
const FIGURES_APART_MS = 5_000;

/** Reads outdated answers again, each time all of a while together. */
export class Rereads {
  #lists: ReturnType<typeof setTimeout> | undefined;
  #figures: ReturnType<typeof setTimeout> | undefined;
  #hasNews = false;
  readonly #outdated = new Map<string, QueryKey>();
  readonly #readAt = new WeakMap<Query, number>();

  constructor(private readonly queries: QueryClient) {}

  want(outdated: readonly QueryKey[]): void {
    for (const key of outdated) {
      if (key[0] === keys.stats[0]) this.#hasNews = true;
      else this.#outdated.set(JSON.stringify(key), key);
    }
    if (this.#outdated.size > 0) this.#lists ??= setTimeout(this.#readLists, LISTS_APART_MS);
    if (this.#hasNews && this.#figures === undefined) this.#readFigures();
  }

  /**
   * Everything, at once, but for lists of pages whose turn it is not. What is being read begins anew:
   * it may have been asked over a connection that is gone.
   */
  all(): void {
    this.#readUnless([[]], (query) => this.#isEarly(query));
  }

  /** Nothing is read until more is wanted. */
  stop(): void {
    clearTimeout(this.#lists);
    clearTimeout(this.#figures);
    this.#lists = undefined;
    this.#figures = undefined;
  }

  readonly #readLists = (): void => {
    this.#lists = undefined;
    const outdated = [...this.#outdated.values()];
    this.#outdated.clear();
    // Begun anew it would lose the page that somebody waits for, and with much news never end.
    const isBeingRead = ({ state }: Query) =>
      pagesOf(state.data) > 0 && state.fetchStatus !== 'idle';
    this.#readUnless(outdated, (query) => isBeingRead(query) || this.#isEarly(query));
  };

  /** What is shown and has to wait is wanted again, and not marked before it is read. */
  #readUnless(outdated: readonly QueryKey[], waits: (query: Query) => boolean): void {
    const shown = (queryKey: QueryKey) =>
      this.queries.getQueryCache().findAll({ queryKey, type: 'active' });
    const waiting = new Set(outdated.flatMap(shown).filter(waits));
    const settled = new Set(waiting);
    for (const queryKey of outdated) {
      this.#read(queryKey, settled);
      // Several keys may be of one list.
      for (const query of shown(queryKey)) {
        if (!settled.has(query)) this.#readAt.set(query, Date.now());
        settled.add(query);
      }
    }
    this.want([...waiting].map(({ queryKey }) => queryKey));
  }

  #isEarly(query: Query): boolean {
    const before = this.#readAt.get(query) ?? Number.NEGATIVE_INFINITY;
    return Date.now() - before < (pagesOf(query.state.data) - 1) * LISTS_APART_MS;
  }

  readonly #readFigures = (): void => {
    this.#figures = undefined;
    if (!this.#hasNews) return;
    this.#hasNews = false;
    this.#figures = setTimeout(this.#readFigures, FIGURES_APART_MS);
    this.#read(keys.stats);
  };

  #read(queryKey: QueryKey, settled: ReadonlySet<Query> = new Set()): void {
    void this.queries.invalidateQueries({ queryKey, predicate: (query) => !settled.has(query) });
  }
}

function pagesOf(data: unknown): number {
  const isPaged = typeof data === 'object' && data !== null && 'pages' in data;
  return isPaged && Array.isArray(data.pages) ? data.pages.length : 0;
}

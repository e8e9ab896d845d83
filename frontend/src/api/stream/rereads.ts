import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '../keys';

/** Lists that cannot be patched are read again at most this often. */
const LISTS_APART_MS = 1_000;
/** For figures the server reads every trade: at once for one that comes alone, at most so often while more come. */
const FIGURES_APART_MS = 5_000;

/** Reads outdated answers again, each time all of a while together. */
export class Rereads {
  #lists: ReturnType<typeof setTimeout> | undefined;
  #figures: ReturnType<typeof setTimeout> | undefined;
  #hasNews = false;
  readonly #outdated = new Map<string, QueryKey>();

  constructor(private readonly queries: QueryClient) {}

  want(outdated: readonly QueryKey[]): void {
    for (const key of outdated) {
      if (key[0] === keys.stats[0]) this.#hasNews = true;
      else this.#outdated.set(JSON.stringify(key), key);
    }
    if (this.#outdated.size > 0) this.#lists ??= setTimeout(this.#readLists, LISTS_APART_MS);
    if (this.#hasNews && this.#figures === undefined) this.#readFigures();
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
    for (const queryKey of outdated) this.#read(queryKey);
  };

  readonly #readFigures = (): void => {
    this.#figures = undefined;
    if (!this.#hasNews) return;
    this.#hasNews = false;
    this.#figures = setTimeout(this.#readFigures, FIGURES_APART_MS);
    this.#read(keys.stats);
  };

  #read(queryKey: QueryKey): void {
    void this.queries.invalidateQueries({ queryKey });
  }
}

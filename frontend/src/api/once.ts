import { useState } from 'react';
import { newKey } from '@/lib/new-key';
import { ApiError } from './problem';

/** The header by which the server knows a write that it has seen before, and does it once. */
export type Once = Record<'Idempotency-Key', string>;

/**
 * Of every press that makes nothing new: it stops, closes, sets, lets in or takes out. Done
 * twice it does no more than once, and what it acts on may have changed since it was last
 * sent. An earlier answer in its place would be wrong, and the press lost.
 */
export function eachTime(): Once {
  return { 'Idempotency-Key': newKey() };
}

/** Presses of which the answer is not known, each by where it sent what. */
export class Presses {
  readonly #unanswered = new Map<string, Once>();

  /**
   * Sends something to a place: with the key of the press before where that sent the same to
   * the same place and was not answered.
   */
  async send<Data>(
    place: string | null,
    what: unknown,
    write: (once: Once) => Promise<Data>,
  ): Promise<Data> {
    const mark = markOf([place, what]);
    const once = this.#unanswered.get(mark) ?? eachTime();
    this.#unanswered.set(mark, once);
    try {
      const data = await write(once);
      this.#forget(mark, once);
      return data;
    } catch (error) {
      if (!mayBeDone(error)) this.#forget(mark, once);
      throw error;
    }
  }

  /** Whatever is sent from now on is a press of its own. */
  forget(): void {
    this.#unanswered.clear();
  }

  #forget(mark: string, once: Once): void {
    if (this.#unanswered.get(mark) === once) this.#unanswered.delete(mark);
  }
}

/**
 * The function of a mutation that makes something new, which the server does once. A press has
 * a key of its own. One that was not answered is repeated with its key, by the same form with
 * the same content; with anything else, from another form, or after an answer, it is a new press.
 *
 * `place` is what the request names beside its content, such as the account whose page it is on:
 * the same content for another one is something else. Null: the content says all.
 *
 * What was not answered is forgotten with the form, where that goes when its window is closed.
 * One that outlives its window calls `forget` then: whoever cancels and begins anew means more.
 */
export function useOnce<Data, Input = void>(
  place: string | null,
  write: (once: Once, input: Input) => Promise<Data>,
): ((input: Input) => Promise<Data>) & Pick<Presses, 'forget'> {
  const presses = usePresses();
  const send = async (input: Input) => {
    const data = await presses.send(place, input, (once) => write(once, input));
    // What was lost before something else was done is not meant any more.
    presses.forget();
    return data;
  };
  return Object.assign(send, { forget: () => presses.forget() });
}

/** Presses of a component, for as long as it is there. */
export function usePresses(): Presses {
  const [presses] = useState(() => new Presses());
  return presses;
}

/** Whether a write may have been done although its answer says nothing of it. */
function mayBeDone(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return error.isPassing || error.code === 'request_in_progress';
}

/** What is sent, and where, as a text to compare. A password only proves who sends it. */
function markOf(what: unknown): string {
  const told = (name: string, value: unknown) => {
    if (name === 'password') return undefined;
    if (!(value instanceof File)) return value;
    return [value.name, value.type, value.size, value.lastModified];
  };
  return JSON.stringify(what, told) ?? '';
}

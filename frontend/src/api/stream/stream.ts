import type { QueryClient } from '@tanstack/react-query';
import { client, unwrap } from '../client';
import { applyMessages } from './apply';
import { parseMessage, type StreamMessage, type StreamRequest } from './messages';
import { racedBy } from './raced';
import { Rereads } from './rereads';

/** How the live connection is; crowded: the user has as many as the server allows, or begins too many. */
export type StreamState = 'connecting' | 'live' | 'offline' | 'crowded';

/** How a connection ends that the server refused: later, perhaps. */
const TRY_LATER = 1013;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** The server says something every four seconds: who hears nothing for so long has lost it. */
const SILENT_MS = 20_000;
/** Less is enough for whoever comes back to a page or to a network. */
const DOUBTFUL_MS = 6_000;
/** A hidden page gets no animation frames. */
const HIDDEN_FRAME_MS = 250;
const ALWAYS = ['accounts', 'groups', 'copies', 'trades', 'alerts', 'stop'];

/** The one live connection of a tab. Keeps cached answers equal to the server's state. */
export class Stream {
  #state: StreamState = 'offline';
  #socket: WebSocket | null = null;
  #wait = FIRST_WAIT_MS;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #heardAt = 0;
  #wasLive = false;
  #isWanted = false;
  #isCrowded = false;
  #expected: number | null = null;
  #pending: StreamMessage[] = [];
  readonly #rereads: Rereads;
  readonly #topics = new Map<string, number>();
  readonly #listeners = new Set<() => void>();

  constructor(private readonly queries: QueryClient) {
    this.#rereads = new Rereads(queries);
  }

  readonly state = (): StreamState => this.#state;

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Connects, and again after every loss, until {@link close}. */
  open(): void {
    this.#isWanted = true;
    window.addEventListener('online', this.#now);
    document.addEventListener('visibilitychange', this.#seen);
    this.#watch = setInterval(() => this.#drop(SILENT_MS), SILENT_MS / 4);
    void this.#connect();
  }

  close(): void {
    this.#isWanted = false;
    this.#wasLive = false;
    this.#isCrowded = false;
    window.removeEventListener('online', this.#now);
    document.removeEventListener('visibilitychange', this.#seen);
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#rereads.stop();
    this.#socket?.close();
    this.#socket = null;
    this.#become('offline');
  }

  /** Asks for one more topic; the answer stops it. */
  watch(topic: string): () => void {
    this.#topics.set(topic, (this.#topics.get(topic) ?? 0) + 1);
    this.#subscribe();
    return () => {
      const left = (this.#topics.get(topic) ?? 1) - 1;
      if (left > 0) this.#topics.set(topic, left);
      else this.#topics.delete(topic);
      this.#subscribe();
    };
  }

  readonly #now = (): void => {
    this.#drop(DOUBTFUL_MS);
    if (this.#socket) return;
    clearTimeout(this.#retry);
    this.#wait = FIRST_WAIT_MS;
    void this.#connect();
  };

  readonly #seen = (): void => {
    if (!document.hidden) this.#drop(DOUBTFUL_MS);
  };

  /** Gives up a connection on which nothing came for so long: one that is dead need never close. */
  #drop(silence: number): void {
    const socket = this.#socket;
    if (!socket || Date.now() - this.#heardAt < silence) return;
    socket.onmessage = null;
    this.#lost(socket, 0);
    socket.close();
  }

  async #connect(): Promise<void> {
    if (!this.#isCrowded) this.#become('connecting');
    try {
      const { ticket } = await unwrap(client.POST('/api/v1/ws-tickets'));
      if (!this.#isWanted || this.#socket) return;
      const url = new URL('/api/v1/ws', location.origin);
      url.protocol = url.protocol.replace('http', 'ws');
      const socket = new WebSocket(url);
      this.#socket = socket;
      this.#heardAt = Date.now();
      socket.onopen = () => {
        this.#send({ type: 'auth', ticket });
        this.#subscribe();
        // Whoever was refused is live when he hears something else.
        if (!this.#isCrowded) this.#live();
      };
      socket.onmessage = (event) => this.#receive(event.data);
      socket.onclose = ({ code }) => this.#lost(socket, code);
    } catch {
      this.#isCrowded = false;
      this.#again();
    }
  }

  #live(): void {
    this.#expected = null;
    this.#become('live');
    // What happened while nobody listened is read, not guessed.
    if (this.#wasLive) this.#rereads.all();
    this.#wasLive = true;
  }

  #lost(socket: WebSocket, code: number): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    // Whoever cannot reach the server does not know what it would say.
    if (code !== TRY_LATER) this.#isCrowded = false;
    this.#again();
  }

  #again(): void {
    if (!this.#isWanted) return;
    this.#become(this.#isCrowded ? 'crowded' : 'offline');
    if (this.#isCrowded) this.#wait = LONGEST_WAIT_MS;
    const wait = this.#wait * (0.75 + Math.random() / 2);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    this.#retry = setTimeout(() => void this.#connect(), wait);
  }

  #subscribe(): void {
    this.#send({ type: 'subscribe', topics: [...ALWAYS, ...this.#topics.keys()] });
  }

  #send(request: StreamRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #receive(text: unknown): void {
    const message = parseMessage(text);
    if (!message) return;
    this.#heardAt = Date.now();
    // Of one topic another refusal is told, and the rest goes on.
    if (message.type === 'refused' && message.topic === '*') {
      this.#isCrowded = true;
      return;
    }
    if (this.#isCrowded) {
      this.#isCrowded = false;
      this.#live();
    }
    this.#wait = FIRST_WAIT_MS;
    const isGap = this.#expected !== null && message.seq !== this.#expected;
    this.#expected = message.seq + 1;
    if (isGap || message.type === 'resync') {
      this.#subscribe();
      this.#rereads.all();
    }
    if (this.#pending.push(message) === 1) this.#nextFrame();
  }

  #nextFrame(): void {
    if (document.hidden) setTimeout(this.#flush, HIDDEN_FRAME_MS);
    else requestAnimationFrame(this.#flush);
  }

  readonly #flush = (): void => {
    const messages = this.#pending;
    this.#pending = [];
    const raced = racedBy(this.queries, messages);
    this.#rereads.want([...applyMessages(this.queries, messages), ...raced]);
  };

  #become(state: StreamState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

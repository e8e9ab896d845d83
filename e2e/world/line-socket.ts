import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How long a line may take to arrive before the test is told what came instead. */
const PATIENCE_MS = 20_000;

interface Waiter {
  wants: (line: string) => boolean;
  take: (line: string) => void;
}

/** A TCP connection that speaks in lines and remembers every one it heard. */
export class LineSocket {
  /** Every line heard, oldest first, whether somebody waited for it or not. */
  readonly heard: string[] = [];
  readonly #socket: Socket;
  readonly #listeners: ((line: string) => void)[] = [];
  #unread: string[] = [];
  #waiters: Waiter[] = [];
  #rest = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => this.#receive(String(chunk)));
    // A server that was killed resets the connection; `closed` tells.
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<LineSocket> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return new LineSocket(socket);
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** Settles when the connection is gone, whoever ended it. */
  async closed(): Promise<void> {
    if (!this.isClosed) await once(this.#socket, 'close');
  }

  send(line: string): void {
    this.#socket.write(`${line}\n`);
  }

  /** Calls `listener` with each line from now on, before anybody who waits sees it. */
  onLine(listener: (line: string) => void): void {
    this.#listeners.push(listener);
  }

  /** The next line that begins with `start` and nobody has taken yet. */
  async next(start: string): Promise<string> {
    const wants = (line: string) => line.startsWith(start);
    const index = this.#unread.findIndex(wants);
    if (index >= 0) return this.#unread.splice(index, 1)[0] ?? '';
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new Error(`no line "${start}…" came; heard: ${this.heard.join(' / ') || 'nothing'}`),
        );
      }, PATIENCE_MS);
      const take = (line: string) => {
        clearTimeout(timer);
        resolve(line);
      };
      this.#waiters.push({ wants, take });
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#deliver(line.replace(/\r$/, ''));
  }

  #deliver(line: string): void {
    this.heard.push(line);
    for (const listener of this.#listeners) listener(line);
    const index = this.#waiters.findIndex(({ wants }) => wants(line));
    if (index >= 0) this.#waiters.splice(index, 1)[0]?.take(line);
    else this.#unread.push(line);
  }
}

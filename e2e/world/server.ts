import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process of ours: started, stopped or killed, and its last words kept for the failure report. */
export class Server {
  readonly #child: ChildProcess;
  readonly #name: string;
  #output = '';

  constructor(file: string, command: string, environment: Record<string, string>) {
    this.#name = command;
    this.#child = spawn(file, [command], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output = (this.#output + String(chunk)).slice(-20_000);
      });
    }
  }

  get output(): string {
    return this.#output;
  }

  /** Waits until `isUp` says so. A process that ends before that is an error with its output. */
  async until(isUp: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!(await isUp())) {
      if (this.#hasEnded()) throw new Error(`${this.#name} ended at start:\n${this.#output}`);
      if (Date.now() > deadline) throw new Error(`${this.#name} is not up:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends it as an operator would; throws when it does not obey within ten seconds. */
  async stop(): Promise<void> {
    if (this.#hasEnded()) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    const [code, signal] = await exited;
    clearTimeout(timer);
    if (signal === 'SIGKILL') throw new Error(`${this.#name} ignored SIGTERM:\n${this.#output}`);
    if (code !== 0 && code !== null)
      throw new Error(`${this.#name} ended with ${code}:\n${this.#output}`);
  }

  /** Ends it without a chance to do anything. */
  async kill(): Promise<void> {
    if (this.#hasEnded()) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

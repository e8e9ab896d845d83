import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { bingxSim } from './places';

interface Places {
  live: string;
  demo: string;
  control: string;
}

/** A simulated BingX on ports of its own. Its clock is this machine's. */
export class BingxSim {
  readonly live: string;
  readonly #child: ChildProcess;
  readonly #control: string;

  private constructor(child: ChildProcess, places: Places) {
    this.#child = child;
    this.#control = `http://${places.control}/`;
    this.live = places.live;
  }

  static async start(): Promise<BingxSim> {
    const child = spawn(bingxSim, [], { stdio: ['ignore', 'pipe', 'inherit'] });
    const failed = once(child, 'error').then(([error]) => {
      throw error;
    });
    const line = once(createInterface({ input: child.stdout }), 'line');
    const [places] = (await Promise.race([line, failed])) as [string];
    return new BingxSim(child, JSON.parse(places) as Places);
  }

  /** Gives an order to the control API; answers what it says. */
  async control(order: Record<string, unknown>): Promise<unknown> {
    const answer = await fetch(this.#control, { method: 'POST', body: JSON.stringify(order) });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }
}

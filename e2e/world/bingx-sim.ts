import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { bingxSim } from './places';

/** An account at the exchange, with the one key it has. */
export interface SimAccount {
  uid: number;
  key: string;
  secret: string;
}

interface Position {
  symbol: string;
  quantity: string;
}

interface Places {
  live: string;
  demo: string;
  control: string;
}

/** A simulated BingX on ports of its own. Its clock is this machine's. */
export class BingxSim {
  readonly live: string;
  readonly demo: string;
  readonly #child: ChildProcess;
  readonly #control: string;

  private constructor(child: ChildProcess, places: Places) {
    this.#child = child;
    this.#control = `http://${places.control}/`;
    this.live = places.live;
    this.demo = places.demo;
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

  /** Opens an account, with the same key and as much money on both hosts. */
  async openAccount(deposit = '10000'): Promise<SimAccount> {
    const [key, secret] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
    const opened = await this.control({ op: 'open_account', key, secret, deposit });
    return { key, secret, uid: (opened as { uid: number }).uid };
  }

  /** Changes what the key of an account may do, or takes it back. */
  async change({ uid }: SimAccount, change: object): Promise<void> {
    await this.control({ op: 'account', uid, ...change });
  }

  /** What the books of the demo say that an account holds. */
  async positions({ uid }: SimAccount): Promise<Position[]> {
    const ledger = await this.control({ op: 'ledger', host: 'demo', uid });
    return (ledger as { positions: Position[] }).positions;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }
}

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BingxSim } from './bingx-sim.ts';
import { Database } from './database.ts';
import { LineSocket } from './line-socket.ts';
import { flotilla, webDir } from './places.ts';
import { Server } from './server.ts';

const run = promisify(execFile);

/** Everything a user meets, for real: database, API with the built pages, the worker with its EA gateway; and an exchange. */

/** What is not plain English travels as base64. */
function readable(mail: string): string {
  const encoded = /(Content-Transfer-Encoding: base64\n\n)([A-Za-z0-9+/=\n]+)/g;
  return mail.replace(
    encoded,
    (_, head: string, body: string) =>
      `${head}${Buffer.from(body, 'base64').toString('utf8').replaceAll('\r\n', '\n')}\n`,
  );
}

export class World {
  readonly database: Database;
  readonly exchange: BingxSim;
  readonly origin: string;
  readonly eaPort: number;
  readonly #environment: Record<string, string>;
  readonly #folder: string;
  readonly #api: Server;
  #worker: Server;

  private constructor(parts: Parts, api: Server, worker: Server) {
    this.database = parts.database;
    this.exchange = parts.exchange;
    this.origin = parts.origin;
    this.eaPort = parts.eaPort;
    this.#environment = parts.environment;
    this.#folder = parts.folder;
    this.#api = api;
    this.#worker = worker;
  }

  static async start(): Promise<World> {
    const parts = await prepare();
    const api = new Server(flotilla, 'serve', parts.environment);
    const worker = new Server(flotilla, 'work', parts.environment);
    const world = new World(parts, api, worker);
    await world.#workerUp();
    await api.until(() => answers(`${parts.origin}/ready`));
    return world;
  }

  async killWorker(): Promise<void> {
    await this.#worker.kill();
  }

  async restartWorker(): Promise<void> {
    await this.#worker.kill();
    this.#worker = new Server(flotilla, 'work', this.#environment);
    await this.#workerUp();
  }

  /** The page to which the newest mail of a kind to this address leads. Waits for the mail. */
  async linkTo(address: string, kind: string): Promise<string> {
    for (;;) {
      const links = (await this.mails(address, kind)).map((mail) => /^http\S+$/m.exec(mail)?.[0]);
      const link = links.at(-1);
      if (link) return link;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Mails of a kind to this address, as far as they have left. Their names are in the order of time. */
  async mails(address: string, kind: string): Promise<string[]> {
    const folder = join(this.#folder, 'mail');
    const names = await readdir(folder).catch(() => []);
    const wanted = names.filter((name) => name.startsWith(kind) && name.endsWith('.eml')).sort();
    const mails = await Promise.all(wanted.map((name) => readFile(join(folder, name), 'utf8')));
    return mails
      .filter((mail) => mail.includes(`To: ${address}`))
      .map((mail) => readable(mail.replaceAll('\r\n', '\n')));
  }

  /** The last lines of both processes, for the report of a failed test. */
  get logs(): string {
    return `api:\n${this.#api.output}\n\nworker:\n${this.#worker.output}`;
  }

  async stop(): Promise<void> {
    try {
      await this.#worker.stop();
      await this.#api.stop();
      await this.exchange.stop();
    } finally {
      await this.database.drop();
      await rm(this.#folder, { recursive: true, force: true });
    }
  }

  async #workerUp(): Promise<void> {
    await this.#worker.until(async () => {
      try {
        (await LineSocket.open(this.eaPort)).close();
        return true;
      } catch {
        return false;
      }
    });
  }
}

/** What the exchange is told to bind keys to. */
export const EGRESS_ADDRESS = '203.0.113.7';

interface Parts {
  database: Database;
  exchange: BingxSim;
  origin: string;
  eaPort: number;
  environment: Record<string, string>;
  folder: string;
}

async function prepare(): Promise<Parts> {
  const [database, exchange] = await Promise.all([Database.create(), BingxSim.start()]);
  // After the exchange has its ports: it takes any that is free.
  const [httpPort, eaPort] = [await freePort(), await freePort()];
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-e2e-'));
  const origin = `http://localhost:${httpPort}`;
  const environment = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: database.url,
    FLOTILLA_KEYS_FILE: join(folder, 'keys'),
    FLOTILLA_HTTP_ADDR: `127.0.0.1:${httpPort}`,
    FLOTILLA_EA_ADDR: `127.0.0.1:${eaPort}`,
    FLOTILLA_JOURNAL_DIR: join(folder, 'inbox'),
    FLOTILLA_MAIL_DIR: join(folder, 'mail'),
    FLOTILLA_PUBLIC_URL: origin,
    FLOTILLA_WEB_DIR: webDir,
    FLOTILLA_BINGX_LIVE_URL: `http://${exchange.live}`,
    FLOTILLA_BINGX_DEMO_URL: `http://${exchange.demo}`,
    FLOTILLA_BINGX_LIVE_STREAM_URL: `ws://${exchange.live}/swap-market`,
    FLOTILLA_BINGX_DEMO_STREAM_URL: `ws://${exchange.demo}/swap-market`,
    FLOTILLA_EGRESS: `home=127.0.0.1/${EGRESS_ADDRESS}`,
    // All tests come from one address.
    FLOTILLA_LIMIT_FACTOR: '1000',
  };
  await run(flotilla, ['migrate'], { env: environment });
  await run(flotilla, ['keys', 'generate'], { env: environment });
  return { database, exchange, origin, eaPort, environment, folder };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import pg from 'pg';
import { root } from './places.ts';

const run = promisify(execFile);

/** An empty database of its own on the test cluster, for as long as a world lives. */
export class Database {
  readonly url: string;
  readonly #name: string;
  readonly #clusterUrl: string;
  readonly #pool: pg.Pool;

  private constructor(clusterUrl: string, name: string) {
    this.#clusterUrl = clusterUrl;
    this.#name = name;
    this.url = clusterUrl.replace(/\/[^/]*$/, `/${name}`);
    this.#pool = new pg.Pool({ connectionString: this.url, max: 2 });
    // Dropping the database by force ends idle sessions; nobody needs to hear of it.
    this.#pool.on('error', () => undefined);
  }

  static async create(): Promise<Database> {
    const clusterUrl = process.env.FLOTILLA_TEST_DATABASE_URL ?? (await startCluster());
    const name = `flotilla_test_e2e_${randomBytes(6).toString('hex')}`;
    await onCluster(clusterUrl, `create database ${name}`);
    return new Database(clusterUrl, name);
  }

  /** Runs a statement as the superuser: for what no user could arrange, or to look behind the screen. */
  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#pool.query<Row>(sql, values)).rows;
  }

  async drop(): Promise<void> {
    await this.#pool.end();
    await onCluster(this.#clusterUrl, `drop database if exists ${this.#name} with (force)`);
  }
}

async function startCluster(): Promise<string> {
  const { stdout } = await run(`${root}/scripts/postgres`, ['start', 'test']);
  return stdout.trim();
}

async function onCluster(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

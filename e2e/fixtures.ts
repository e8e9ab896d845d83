import { test as base, expect, type Page } from '@playwright/test';
import { FollowerEa, MasterEa, type Quote, ReporterEa } from './world/fake-ea.ts';
import { World } from './world/world.ts';

/** Starts EAs of this test's world and stops them with the test. */
export class Terminals {
  readonly #world: World;
  readonly #eas: { stop: () => void }[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  async master(apiKey: string, chart?: Quote): Promise<MasterEa> {
    const ea = await MasterEa.start(this.#world.eaPort, apiKey, chart);
    this.#eas.push(ea);
    return ea;
  }

  async follower(apiKey: string, masterToken?: string): Promise<FollowerEa> {
    const ea = await FollowerEa.start(this.#world.eaPort, apiKey, masterToken);
    this.#eas.push(ea);
    return ea;
  }

  /** Beside the EA of an account, with nothing open at first. */
  async reporter(apiKey: string, balance: number): Promise<ReporterEa> {
    const ea = await ReporterEa.start(this.#world.eaPort, apiKey, balance);
    this.#eas.push(ea);
    return ea;
  }

  stop(): void {
    for (const ea of this.#eas) ea.stop();
  }
}

interface Fixtures {
  terminals: Terminals;
  /** Another tab of the same browser, signed in as the first one. */
  secondTab: Page;
  ownOriginOnly: undefined;
  policyKept: undefined;
  processLogs: undefined;
}

export const test = base.extend<Fixtures, { world: World }>({
  world: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are used from this pattern
    async ({}, use) => {
      const world = await World.start();
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  baseURL: async ({ world }, use) => use(world.origin),

  terminals: async ({ world }, use) => {
    const terminals = new Terminals(world);
    await use(terminals);
    terminals.stop();
  },

  secondTab: async ({ context }, use) => use(await context.newPage()),

  // The pages promise to work without any other server; each test holds them to it.
  ownOriginOnly: [
    async ({ context, world }, use) => {
      const strangers: string[] = [];
      const note = (url: string) => {
        const { protocol, host } = new URL(url);
        const carriesItself = protocol === 'data:' || protocol === 'blob:';
        if (!carriesItself && host !== new URL(world.origin).host) strangers.push(url);
      };
      context.on('request', (request) => note(request.url()));
      context.on('page', (page) => page.on('websocket', (socket) => note(socket.url())));
      await use(undefined);
      expect(strangers, 'requests that left our origin').toEqual([]);
    },
    { auto: true },
  ],

  // The browser tells of whatever the policy of content had to stop.
  policyKept: [
    async ({ context }, use) => {
      const stopped: string[] = [];
      context.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) stopped.push(message.text());
      });
      await use(undefined);
      expect(stopped, 'what the policy of content stopped').toEqual([]);
    },
    { auto: true },
  ],

  processLogs: [
    async ({ world }, use, info) => {
      await use(undefined);
      if (info.status !== info.expectedStatus) {
        await info.attach('processes', { body: world.logs, contentType: 'text/plain' });
      }
    },
    { auto: true },
  ],
});

export { expect };

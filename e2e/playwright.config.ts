import { defineConfig } from '@playwright/test';

const ci = Boolean(process.env.CI);

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  // Each worker starts a world of its own: database, API, EA gateway.
  workers: 2,
  forbidOnly: ci,
  // On a machine that others load a story may be told twice; `scripts/test` names it.
  retries: ci ? 1 : 0,
  // Generous, because nothing here judges speed: a machine under load must not fail a story.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  use: {
    // Recording costs every story; where failures are told twice, the second telling is recorded.
    trace: ci ? 'on-first-retry' : 'retain-on-failure',
    screenshot: 'only-on-failure',
    locale: 'en-GB',
    timezoneId: 'UTC',
    launchOptions: {
      executablePath: process.env.FLOTILLA_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-dev-shm-usage',
      ],
    },
  },
  projects: [
    { name: 'desktop', use: { viewport: { width: 1440, height: 900 } } },
    {
      name: 'phone',
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
      // What does not depend on the width is told once.
      testIgnore:
        /(killed-worker|ccxt|conformance|session|floating-profit|installed|mail|language|hostile-names)\.spec\.ts$/,
    },
  ],
});

import { defineConfig } from '@playwright/test';
import stories from '../playwright.config.ts';

/** What is measured and not asserted: one after the other, and nothing is recorded beside it. */
export default defineConfig({
  ...stories,
  testDir: '.',
  outputDir: '../test-results',
  workers: 1,
  retries: 0,
  timeout: 1_800_000,
  reporter: [['list']],
  use: { ...stories.use, trace: 'off', screenshot: 'off' },
  projects: [{ name: 'desktop', use: { viewport: { width: 1440, height: 900 } } }],
});

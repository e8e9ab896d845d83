import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { eaFiles } from './ea-files.ts';
import { compiledTexts } from './texts.ts';

const api = process.env.FLOTILLA_API_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), tailwindcss(), compiledTexts(), eaFiles()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    proxy: {
      '/api/v1/ws': { target: api, ws: true },
      '/api': { target: api },
    },
  },
  build: {
    target: 'es2023',
    // Inlined files would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    // Read by `npm run weight`; the server serves no dot files.
    manifest: '.vite/manifest.json',
    rolldownOptions: {
      output: {
        // What is needed together is one file: dozens of small ones compress worse, and asking for each takes a
        // phone milliseconds, of which it can do nothing else.
        codeSplitting: {
          groups: [
            // Each with all that it imports and the groups before it have not.
            { name: 'base', test: /src[\\/]main\.tsx$/, priority: 4 },
            // Of the pages before the sign-in and of those after it.
            {
              name: 'front',
              test: /components[\\/](?:logo|preference-menus|problem|page|ui[\\/]field)\.tsx$|app[\\/]footer/,
              priority: 3,
            },
            // And what nearly every page is made of.
            {
              name: 'frame',
              test: /app[\\/]layout\.tsx$|components[\\/](?:data-table|presence)\.tsx$|trade-columns/,
              priority: 2,
            },
            { name: 'overview', test: /app[\\/]routes[\\/]overview\.tsx$/, priority: 1 },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'http://localhost:3000/' } },
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    testTimeout: 300_000,
    // Left to itself it leaves one core idle, which is half of a machine with two.
    maxWorkers: '100%',
  },
});

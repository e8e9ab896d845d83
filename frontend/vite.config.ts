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
        // What most pages share is one file: dozens of small ones compress worse, and each is a request.
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /src[\\/](?:components[\\/](?!ui)|lib[\\/](?!i18n))|queries/,
              minShareCount: 20,
            },
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

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the example that is shown to whoever uses the API is the one that is checked', () => {
  const readme = readFileSync('../openapi/README.md', 'utf8');
  const shown = /```ts\n(.*?)```/s.exec(readme)?.[1];
  const checked = readFileSync('src/test/api-example.ts', 'utf8')
    .replace("'@/api/schema.gen'", "'./flotilla'")
    .replace(/(declare const .*\n)+\n/, '');
  expect(shown).toBe(checked);
});

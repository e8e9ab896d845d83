import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { loadMessages, type Part, parts } from './i18n';

const SOURCE = resolve(import.meta.dirname, '../..');

interface Source {
  /** Names of texts that it says, by their first segment. */
  says: Set<string>;
  /** Files that come with it. */
  imports: string[];
  /** Files that it fetches later, and the parts of the texts that are fetched with each. */
  fetches: { file: string; parts: string[] }[];
}

type Texts = Record<string, unknown>;

/** What is told another way where the part is not there. */
const ALLOWED = [
  /^components\/chart-card.tsx says charts /,
  /^components\/problem.tsx says declined /,
];

function isText(texts: Texts, key: string): boolean {
  let at: unknown = texts;
  for (const name of key.split('.')) {
    if (typeof at !== 'object' || at === null || !(name in at)) return false;
    at = (at as Texts)[name];
  }
  return true;
}

/** Where a module is; undefined for packages. */
function fileOf(from: string, name: string): string | undefined {
  const base = name.startsWith('@/')
    ? join(SOURCE, name.slice(2))
    : name.startsWith('.')
      ? resolve(dirname(from), name)
      : undefined;
  if (base === undefined) return undefined;
  return [`${base}.ts`, `${base}.tsx`].find((file) => existsSync(file));
}

const nameOf = (node: ts.CallExpression) => node.expression.getText();

/** The parts that are asked for anywhere below a node. */
function askedBelow(node: ts.Node): string[] {
  const found: string[] = [];
  const visit = (each: ts.Node) => {
    if (ts.isCallExpression(each) && nameOf(each) === 'prepareTexts') {
      found.push(...each.arguments.filter(ts.isStringLiteral).map(({ text }) => text));
    }
    ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
}

/** What a route waits for before it is shown, with those above it. */
function askedByRoute(route: ts.CallExpression): string[] {
  const parent = /getParentRoute: \(\) => (\w+)/.exec(route.getText())?.[1];
  // Each page of a signed-in user stands below the layout.
  return [...askedBelow(route), ...(parent === 'signedIn' ? ['pages'] : [])];
}

/** What is waited for together with a file that is fetched. */
function askedWith(fetch: ts.Node): string[] {
  for (let at = fetch.parent; at; at = at.parent) {
    if (!ts.isCallExpression(at)) continue;
    if (nameOf(at) === 'Promise.all') return askedBelow(at);
    if (nameOf(at) === 'createRoute') return askedByRoute(at);
  }
  return [];
}

function read(file: string, texts: Texts): Source {
  const source: Source = { says: new Set(), imports: [], fetches: [] };
  const say = (key: string) => source.says.add(key.split('.')[0] ?? key);
  const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const within = [...tree.text.matchAll(/useTranslations\('([\w.]+)'\)/g)].map(([, name]) => name);
  // Names of messages of the stream look like keys.
  const isKey = (key: string) =>
    !file.startsWith(join(SOURCE, 'api/')) &&
    isText(texts, key) &&
    !within.some((name) => isText(texts, `${name}.${key}`));
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier;
      const isType = ts.isImportDeclaration(node)
        ? node.importClause?.isTypeOnly === true
        : node.isTypeOnly;
      const found = from && ts.isStringLiteral(from) && !isType && fileOf(file, from.text);
      if (found) source.imports.push(found);
      return;
    }
    if (ts.isCallExpression(node)) {
      const first = node.arguments[0];
      const text = first && ts.isStringLiteral(first) ? first.text : undefined;
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword && text !== undefined) {
        const fetched = fileOf(file, text);
        if (fetched) source.fetches.push({ file: fetched, parts: askedWith(node) });
      } else if (nameOf(node) === 'useTranslations' && text !== undefined) say(text);
    }
    // Whole keys, and beginnings of those that are put together.
    if (ts.isStringLiteral(node) && node.text.includes('.') && isKey(node.text)) {
      say(node.text);
    }
    if (ts.isTemplateExpression(node)) {
      const [, path] = /^([\w.]+)\.\w*$/.exec(node.head.text) ?? [];
      if (path !== undefined && isKey(path)) say(path);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return source;
}

test('whatever is shown waits for its texts', async () => {
  const names = new Map<string, Set<string>>();
  for (const part of parts) {
    names.set(part, new Set(Object.keys(await loadMessages('en', [part]))));
  }
  const texts: Texts = await loadMessages('en', parts);
  const sources = new Map<string, Source>();
  const missing = new Set<string>();
  const seen = new Set<string>();

  const visit = (file: string, loaded: string[], way: string) => {
    const visited = `${file} ${loaded.join()}`;
    if (seen.has(visited) || dirname(dirname(file)).endsWith('i18n')) return;
    seen.add(visited);
    const source = sources.get(file) ?? read(file, texts);
    sources.set(file, source);
    for (const name of source.says) {
      if (loaded.some((part) => names.get(part)?.has(name))) continue;
      const lack = `${relative(SOURCE, file)} says ${name} without its part, in ${way}`;
      if (!ALLOWED.some((each) => each.test(lack))) missing.add(lack);
    }
    for (const next of source.imports) visit(next, loaded, way);
    for (const fetched of source.fetches) {
      const all = [...new Set([...loaded, ...fetched.parts])].sort();
      visit(fetched.file, all, `${way} > ${relative(SOURCE, fetched.file)}`);
    }
  };
  visit(join(SOURCE, 'main.tsx'), ['front' satisfies Part], 'main.tsx');

  expect(sources.size).toBeGreaterThan(200);
  expect([...missing].sort()).toEqual([]);
});

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The program; `scripts/conformance` installs it and names it. */
export const program = process.env.FLOTILLA_SCHEMATHESIS;
const examples = process.env.EXAMPLES ?? '30';
const seed = process.env.SEED ?? '1';
const CHECKS =
  'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';

/** A value, by `path.name`, `query.name` or `body.field`. A list is one value, of a parameter that takes a list. */
export type Values = Record<string, string | string[]>;

/** What is asked, as whom, and about which rows. */
export interface Pass {
  name: string;
  /** Arguments that choose operations. */
  chosen: string[];
  /** Signs in, and anew before the token ends. */
  login?: { email: string; password: string };
  headers?: Record<string, string>;
  values?: Values;
  /** Values of single operations, by their names; they go before the others. */
  of?: Record<string, Values>;
  /** Without those that take things away. */
  keeps?: boolean;
  phases?: string;
}

/** How many well-formed requests an operation took, and why it refused the others. */
interface Rate {
  accepted: number;
  unreachable: number;
  conflicts: number;
  rejected: number;
}

interface Report {
  test_cases: { generated: number };
  valid_rates: Record<string, Record<string, Rate>>;
}

/** Asks all of it; answers the exit code. */
export async function ask(origin: string, pass: Pass): Promise<number | null> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-conformance-'));
  await writeFile(join(folder, 'schemathesis.toml'), settings(pass));
  const headers = Object.entries(pass.headers ?? {});
  console.log(`\n==> ${pass.name}`);
  const code = await run(folder, [
    ...['run', `${origin}/api/openapi.json`, '--url', origin, '--checks', CHECKS],
    ...['--seed', seed, '--max-examples', examples, '--request-timeout', '30'],
    ...['--phases', pass.phases ?? 'examples,coverage,fuzzing', '--continue-on-failure'],
    ...['--report-json-path', 'report.json', ...pass.chosen],
    ...headers.flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
  ]);
  const report = await readFile(join(folder, 'report.json'), 'utf8').catch(() => undefined);
  if (report) console.log(tally(pass.name, JSON.parse(report) as Report));
  await rm(folder, { recursive: true, force: true });
  return code;
}

/** Of TOML, which reads texts and lists as JSON writes them. Of several entries that fit, the first decides. */
function settings({ login, values = {}, of = {}, keeps = false }: Pass): string {
  const table = (entries: Values) =>
    Object.entries(entries).map(([name, value]) => `"${name}" = ${JSON.stringify(value)}`);
  const lines = ['warnings = false'];
  if (login) {
    lines.push(
      '[auth.dynamic.openapi.bearer]',
      'path = "/api/v1/auth/login"',
      `payload = { ${table(login).join(', ')} }`,
      'extract_selector = "/access_token"',
    );
  }
  lines.push('[parameters]', ...table(values));
  if (keeps) lines.push('[[operations]]', 'include-method = "DELETE"', 'enabled = false');
  for (const [name, special] of Object.entries(of)) {
    lines.push('[[operations]]', `include-operation-id = "${name}"`);
    lines.push(`parameters = { ${table(special).join(', ')} }`);
  }
  return `${lines.join('\n')}\n`;
}

/** What most well-formed requests of each operation came to. */
function tally(name: string, { test_cases, valid_rates }: Report): string {
  const operations = Object.entries(valid_rates).map(([label, phases]) => {
    const sum = (outcome: keyof Rate) =>
      Object.values(phases).reduce((total, rate) => total + rate[outcome], 0);
    const all = sum('accepted') + sum('unreachable') + sum('conflicts') + sum('rejected');
    return { label, done: sum('accepted'), missing: sum('unreachable'), all };
  });
  const most = (part: 'done' | 'missing') =>
    operations.filter((operation) => operation[part] * 2 > operation.all);
  const never = operations.filter(({ done }) => done === 0).map(({ label }) => `    ${label}`);
  return [
    `==> ${name}: ${test_cases.generated} requests of ${operations.length} operations;`,
    `    ${most('done').length} mostly answered 2xx, ${most('missing').length} mostly 404;`,
    `    never 2xx: ${never.length}`,
    ...never,
  ].join('\n');
}

function run(cwd: string, args: string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const running = spawn(program ?? '', args, { cwd, stdio: 'inherit' });
    running.on('error', reject);
    running.on('exit', resolve);
  });
}

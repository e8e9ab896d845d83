import compile from 'icu-minify/compile';
import { type Plugin, runnerImport } from 'vite';

interface Texts {
  [name: string]: string | Texts;
}

/** Words that browsers do not know as Thai, or not as one word, and break inside. */
const UNKNOWN = [
  ['เท', 'อร์', 'มินัล'],
  ['มาส', 'เตอร์'],
  ['แดช', 'บอร์ด'],
  ['อิควิ', 'ตี้'],
  ['ดรอว์', 'ดาวน์'],
  ['ถัด', 'ไป'],
];
const WORD_JOINER = '\u2060';

const PART =
  /\/src\/lib\/i18n\/(?:en|th)\/(front|pages|alerting|journal|grouping|defaults|finding|copying|risk|exchange|guides|importing|overview|picturing|recovering|sharing|statistics|stopping)\.ts$/;

/** Compiles the texts of the pages, so that the reader of their syntax is not sent to browsers. */
export function compiledTexts(): Plugin {
  return {
    name: 'compiled-texts',
    apply: 'build',
    config: () => ({
      resolve: {
        alias: [
          {
            find: /^use-intl\/format-message$/,
            replacement: 'use-intl/format-message/format-only',
          },
        ],
      },
    }),
    async load(id) {
      const name = PART.exec(id)?.[1];
      if (name === undefined) return null;
      const { module } = await runnerImport<Record<string, Texts>>(id);
      const texts = module[name];
      if (!texts) throw new Error(`${id} has no ${name}`);
      return `export const ${name} = ${JSON.stringify(compiled(texts))};`;
    },
  };
}

/** Keeps such words on one line. */
function whole(text: string): string {
  const join = (all: string, parts: string[]) =>
    all.replaceAll(parts.join(''), parts.join(WORD_JOINER));
  return UNKNOWN.reduce(join, text);
}

function compiled(texts: Texts): Record<string, unknown> {
  const each = Object.entries(texts).map(([name, text]) => [
    name,
    typeof text === 'string' ? compile(whole(text)) : compiled(text),
  ]);
  return Object.fromEntries(each);
}

import { type ReactNode, useSyncExternalStore } from 'react';
import { IntlProvider } from 'use-intl';
import { type Locale, language, setLanguage, useLanguage } from '../preferences';
import { browserTimeZone } from '../time';
import { first, formats, loadMessages, localeTag, type Messages, type Part } from './i18n';

type Texts = Partial<Messages>;

/** What is here so far, of each language. */
const fetched = new Map<Locale, Texts>([['en', first]]);
/** The same, with English where a language lacks something. */
const shown = new Map<Locale, Texts>([['en', { ...first }]]);
const listeners = new Set<() => void>();
/** What the pages that were asked for need. */
const needed = new Set<Part>(['front']);

/** Fetches the texts of a language, so that showing them does not wait. */
export async function prepareLanguage(locale: Locale): Promise<void> {
  keep(locale, await loadMessages(locale, needed));
}

/** Fetches what a page says. In English, if it cannot be had in the user's language. */
export async function prepareTexts(...parts: Part[]): Promise<void> {
  for (const part of parts) needed.add(part);
  const locale = language();
  await prepareLanguage(locale).catch((reason: unknown) => {
    if (locale === 'en') throw reason;
    return prepareLanguage('en');
  });
}

/** Changes the language once its texts are here. */
export async function changeLanguage(locale: Locale): Promise<void> {
  await prepareLanguage(locale);
  setLanguage(locale);
}

function keep(locale: Locale, texts: Texts): void {
  const before = fetched.get(locale) ?? {};
  if (Object.keys(texts).every((name) => name in before)) return;
  fetched.set(locale, { ...before, ...texts });
  for (const [each, own] of fetched) show(each, { ...fetched.get('en'), ...own });
  for (const listener of listeners) listener();
}

/**
 * What is only more than before is added where it is looked up: whatever is on the screen says the same, and the
 * whole page need not be drawn anew.
 */
function show(locale: Locale, texts: Texts): void {
  const before = shown.get(locale);
  const names = Object.keys(before ?? {}) as (keyof Texts)[];
  if (before && names.every((name) => before[name] === texts[name])) Object.assign(before, texts);
  else shown.set(locale, texts);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

interface LanguageProps {
  /** Of the signed-in user; the browser's otherwise. */
  timeZone?: string | undefined;
  children: ReactNode;
}

export function LanguageProvider({ timeZone, children }: LanguageProps) {
  const locale = useLanguage();
  const messages = useSyncExternalStore(listen, () => shown.get(locale) ?? shown.get('en'));
  return (
    <IntlProvider
      locale={localeTag(locale)}
      // Pages are shown once their texts are here.
      messages={messages as Messages}
      formats={formats}
      timeZone={timeZone ?? browserTimeZone()}
    >
      {children}
    </IntlProvider>
  );
}

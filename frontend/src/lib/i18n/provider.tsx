import type { ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { type Locale, setLanguage, useLanguage } from '../preferences';
import { browserTimeZone } from '../time';
import { en } from './en';
import { formats, loadMessages, localeTag, type Messages } from './i18n';

const loaded = new Map<Locale, Messages>([['en', en]]);

/** Fetches the texts of a language, so that showing them does not wait. */
export async function prepareLanguage(locale: Locale): Promise<void> {
  loaded.set(locale, await loadMessages(locale));
}

/** Changes the language once its texts are here. */
export async function changeLanguage(locale: Locale): Promise<void> {
  await prepareLanguage(locale);
  setLanguage(locale);
}

interface LanguageProps {
  /** Of the signed-in user; the browser's otherwise. */
  timeZone?: string | undefined;
  children: ReactNode;
}

export function LanguageProvider({ timeZone, children }: LanguageProps) {
  const locale = useLanguage();
  return (
    <IntlProvider
      locale={localeTag(locale)}
      messages={loaded.get(locale) ?? en}
      formats={formats}
      timeZone={timeZone ?? browserTimeZone()}
    >
      {children}
    </IntlProvider>
  );
}

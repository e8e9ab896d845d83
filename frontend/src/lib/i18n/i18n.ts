import type { Formats } from 'use-intl';
import type { Locale } from '../preferences';
import { en } from './en';

export type Messages = typeof en;

/** Calendars: Thai prints Buddhist years and, in some systems, Thai digits unless told otherwise. */
const TAGS: Record<Locale, string> = { en: 'en-GB', th: 'th-TH-u-ca-gregory-nu-latn' };

export const formats = {
  dateTime: {
    time: { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
    exact: {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      hour12: false,
    },
    date: { day: 'numeric', month: 'short', year: 'numeric' },
    full: {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false,
    },
    short: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false },
  },
} as const satisfies Formats;

/** The tag by which `Intl` formats for a language. */
export const localeTag = (locale: Locale): string => TAGS[locale];

/** The texts of a language. English is always here, the others are fetched. */
export async function loadMessages(locale: Locale): Promise<Messages> {
  if (locale === 'en') return en;
  const { th } = await import('./th');
  return th;
}

declare module 'use-intl' {
  interface AppConfig {
    Messages: Messages;
    Formats: typeof formats;
  }
}

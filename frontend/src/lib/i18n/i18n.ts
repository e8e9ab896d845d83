import type { Formats } from 'use-intl';
import type { Locale } from '../preferences';
import type { alerting as enAlerting } from './en/alerting';
import type { copying as enCopying } from './en/copying';
import type { defaults as enDefaults } from './en/defaults';
import type { exchange as enExchange } from './en/exchange';
import type { finding as enFinding } from './en/finding';
import { front as enFront } from './en/front';
import type { grouping as enGrouping } from './en/grouping';
import type { guides as enGuides } from './en/guides';
import type { importing as enImporting } from './en/importing';
import type { journal as enJournal } from './en/journal';
import type { overview as enOverview } from './en/overview';
import type { pages as enPages } from './en/pages';
import type { picturing as enPicturing } from './en/picturing';
import type { recovering as enRecovering } from './en/recovering';
import type { risk as enRisk } from './en/risk';
import type { sharing as enSharing } from './en/sharing';
import type { statistics as enStatistics } from './en/statistics';
import type { stopping as enStopping } from './en/stopping';

/** Texts of the pages before the sign-in, and those that any page may show. */
export type Front = typeof enFront;
/** Those of the frame around a signed-in user's pages, and of the list of accounts. */
export type Pages = typeof enPages;
/** Those of the inbox. */
export type Alerting = typeof enAlerting;
/** Those of trades and of what they earned. */
export type Journal = typeof enJournal;
/** Those of the settings. */
export type Defaults = typeof enDefaults;
/** Those of groups. */
export type Grouping = typeof enGrouping;
/** Those of the dashboards, of the page of a copy, and of the directory of masters. */
export type Copying = typeof enCopying;
/** Those of the pages to which mails lead. */
export type Recovering = typeof enRecovering;
/** Those of the risk board, and of an account's rules. */
export type Risk = typeof enRisk;
/** Those of keys, and of what is open, at exchanges. */
export type Exchange = typeof enExchange;
/** Those of pages that explain. */
export type Guides = typeof enGuides;
/** Those of the first page. */
export type Overview = typeof enOverview;
/** Those of what trades say: figures, charts, calendar, comparison. */
export type Statistics = typeof enStatistics;
/** Those of links that show figures to strangers. */
export type Sharing = typeof enSharing;
/** Those of files of trades. */
export type Importing = typeof enImporting;
/** Those of pictures of trades. */
export type Picturing = typeof enPicturing;
/** Those of small windows over any page: what is opened by keys, and the question before something is lost. */
export type Finding = typeof enFinding;
/** Those of the windows of the red button. */
export type Stopping = typeof enStopping;
export type Messages = Front &
  Pages &
  Alerting &
  Journal &
  Grouping &
  Defaults &
  Finding &
  Copying &
  Risk &
  Exchange &
  Guides &
  Importing &
  Overview &
  Picturing &
  Recovering &
  Sharing &
  Statistics &
  Stopping;

/** Texts that are fetched together, with the first page that needs them. */
export const parts = [
  'front',
  'pages',
  'alerting',
  'journal',
  'grouping',
  'defaults',
  'finding',
  'copying',
  'risk',
  'exchange',
  'guides',
  'importing',
  'overview',
  'picturing',
  'recovering',
  'sharing',
  'statistics',
  'stopping',
] as const;
export type Part = (typeof parts)[number];

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

/** What there is to say without fetching anything: better than nothing when others cannot be fetched. */
export { enFront as first };

const FETCHED: Record<Locale, Record<Part, () => Promise<Partial<Messages>>>> = {
  en: {
    front: async () => enFront,
    pages: async () => (await import('./en/pages')).pages,
    alerting: async () => (await import('./en/alerting')).alerting,
    journal: async () => (await import('./en/journal')).journal,
    grouping: async () => (await import('./en/grouping')).grouping,
    defaults: async () => (await import('./en/defaults')).defaults,
    finding: async () => (await import('./en/finding')).finding,
    copying: async () => (await import('./en/copying')).copying,
    risk: async () => (await import('./en/risk')).risk,
    exchange: async () => (await import('./en/exchange')).exchange,
    guides: async () => (await import('./en/guides')).guides,
    importing: async () => (await import('./en/importing')).importing,
    overview: async () => (await import('./en/overview')).overview,
    picturing: async () => (await import('./en/picturing')).picturing,
    recovering: async () => (await import('./en/recovering')).recovering,
    sharing: async () => (await import('./en/sharing')).sharing,
    statistics: async () => (await import('./en/statistics')).statistics,
    stopping: async () => (await import('./en/stopping')).stopping,
  },
  th: {
    front: async () => (await import('./th/front')).front,
    pages: async () => (await import('./th/pages')).pages,
    alerting: async () => (await import('./th/alerting')).alerting,
    journal: async () => (await import('./th/journal')).journal,
    grouping: async () => (await import('./th/grouping')).grouping,
    defaults: async () => (await import('./th/defaults')).defaults,
    finding: async () => (await import('./th/finding')).finding,
    copying: async () => (await import('./th/copying')).copying,
    risk: async () => (await import('./th/risk')).risk,
    exchange: async () => (await import('./th/exchange')).exchange,
    guides: async () => (await import('./th/guides')).guides,
    importing: async () => (await import('./th/importing')).importing,
    overview: async () => (await import('./th/overview')).overview,
    picturing: async () => (await import('./th/picturing')).picturing,
    recovering: async () => (await import('./th/recovering')).recovering,
    sharing: async () => (await import('./th/sharing')).sharing,
    statistics: async () => (await import('./th/statistics')).statistics,
    stopping: async () => (await import('./th/stopping')).stopping,
  },
};

/** Fetches texts of a language; each part is fetched once. */
export async function loadMessages(
  locale: Locale,
  parts: Iterable<Part>,
): Promise<Partial<Messages>> {
  const loaded = await Promise.all(Array.from(parts, (part) => FETCHED[locale][part]()));
  return Object.assign({}, ...loaded);
}

declare module 'use-intl' {
  interface AppConfig {
    Messages: Messages;
    Formats: typeof formats;
  }
}

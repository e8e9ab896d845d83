import { type DeepPartial, TickMarkType, type TimeChartOptions } from 'lightweight-charts';

const FONTS = '"Inter Variable", "Noto Sans Thai Variable", sans-serif';

let fonts: Promise<DeepPartial<TimeChartOptions>> | undefined;

/** Text on a canvas is measured at once; the web font may come later and be wider. */
export function loadFonts(): Promise<DeepPartial<TimeChartOptions>> {
  fonts ??= Promise.allSettled([
    document.fonts.load('12px "Inter Variable"'),
    document.fonts.load('12px "Noto Sans Thai Variable"', 'ก'),
  ]).then(() => ({ layout: { fontFamily: FONTS } }));
  return fonts;
}

/** What every chart has in common. */
export function frameOptions(timeZone: string, locale: string): DeepPartial<TimeChartOptions> {
  const write = (options: Intl.DateTimeFormatOptions) => {
    // Made when the first one is written: most charts never show all of them.
    let format: Intl.DateTimeFormat | undefined;
    return (time: unknown) => {
      format ??= new Intl.DateTimeFormat(locale, { timeZone, hour12: false, ...options });
      return format.format(new Date(Number(time) * 1000));
    };
  };
  const ticks = {
    date: write({ day: 'numeric', month: 'short' }),
    minute: write({ hour: '2-digit', minute: '2-digit' }),
    second: write({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  };
  const amount = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    numberingSystem: 'latn',
  });
  return {
    localization: {
      locale,
      timeFormatter: write({ dateStyle: 'medium', timeStyle: 'medium' }),
      priceFormatter: (price: number) => amount.format(price).replace('-', '−'),
    },
    timeScale: {
      timeVisible: true,
      secondsVisible: true,
      borderVisible: false,
      tickMarkFormatter: (time: unknown, kind: TickMarkType) => {
        if (kind < TickMarkType.Time) return ticks.date(time);
        return kind === TickMarkType.Time ? ticks.minute(time) : ticks.second(time);
      },
    },
    rightPriceScale: { borderVisible: false, entireTextOnly: true },
    // A page is scrolled with the wheel and one finger.
    handleScroll: { mouseWheel: false, vertTouchDrag: false },
    handleScale: { mouseWheel: false },
    layout: { fontSize: 12 },
  };
}

/** A colour of the page as it is now. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function colourOptions(): DeepPartial<TimeChartOptions> {
  const grid = { color: token('--line') };
  return {
    layout: { background: { color: token('--surface-1') }, textColor: token('--text-muted') },
    grid: { vertLines: { visible: false }, horzLines: grid },
  };
}

import {
  BaselineSeries,
  type BaselineSeriesPartialOptions,
  createChart,
  type DeepPartial,
  type IChartApi,
  type ISeriesApi,
  TickMarkType,
  type TimeChartOptions,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { useIsDark } from '@/lib/preferences';

export interface ChartPoint {
  /** Seconds since 1970, ascending, each once. */
  time: number;
  value: number;
}

interface LineChartProps {
  label: string;
  points: ChartPoint[];
  /** IANA zone of the time axis. */
  timeZone: string;
  locale: string;
}

const FONTS = '"Inter Variable", "Noto Sans Thai Variable", sans-serif';

/** A line that is coloured above and below zero. Not an image: its logo is a link. */
export default function LineChart({ label, points, timeZone, locale }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<{ api: IChartApi; line: ISeriesApi<'Baseline'> } | null>(null);
  const isDark = useIsDark();

  useEffect(() => {
    if (!box.current) return;
    const api = createChart(box.current, { autoSize: true, ...frameOptions(timeZone, locale) });
    chart.current = {
      api,
      line: api.addSeries(BaselineSeries, { baseValue: { type: 'price', price: 0 } }),
    };
    // Text on a canvas is measured at once; the web font may come later and be wider.
    void Promise.all([
      document.fonts.load('12px "Inter Variable"'),
      document.fonts.load('12px "Noto Sans Thai Variable"', 'ก'),
    ]).then(() => chart.current?.api.applyOptions({ layout: { fontFamily: FONTS } }));
    return () => {
      chart.current = null;
      api.remove();
    };
  }, [timeZone, locale]);

  useEffect(() => {
    chart.current?.line.setData(
      points.map(({ time, value }) => ({ time: time as UTCTimestamp, value })),
    );
    chart.current?.api.timeScale().fitContent();
  }, [points]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, which changes with the theme
  useEffect(() => {
    chart.current?.api.applyOptions(colourOptions());
    chart.current?.line.applyOptions(lineColours());
  }, [isDark, timeZone, locale]);

  return <figure ref={box} aria-label={label} className="h-64 w-full" />;
}

function frameOptions(timeZone: string, locale: string): DeepPartial<TimeChartOptions> {
  const write = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone, hour12: false, ...options });
    return (time: unknown) => format.format(new Date(Number(time) * 1000));
  };
  const ticks = {
    date: write({ day: 'numeric', month: 'short' }),
    minute: write({ hour: '2-digit', minute: '2-digit' }),
    second: write({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  };
  return {
    localization: { locale, timeFormatter: write({ dateStyle: 'medium', timeStyle: 'medium' }) },
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

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function colourOptions(): DeepPartial<TimeChartOptions> {
  const grid = { color: token('--line') };
  return {
    layout: { background: { color: token('--surface-1') }, textColor: token('--text-muted') },
    grid: { vertLines: { visible: false }, horzLines: grid },
  };
}

function lineColours(): BaselineSeriesPartialOptions {
  const [up, down] = [token('--positive'), token('--negative')];
  return {
    topLineColor: up,
    topFillColor1: `${up}33`,
    topFillColor2: `${up}05`,
    bottomLineColor: down,
    bottomFillColor1: `${down}05`,
    bottomFillColor2: `${down}33`,
    lineWidth: 2,
  };
}

import {
  BaselineSeries,
  type BaselineSeriesPartialOptions,
  createChart,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from 'lightweight-charts';
import { use, useEffect, useRef } from 'react';
import { useIsDark } from '@/lib/preferences';
import { colourOptions, frameOptions, loadFonts, token } from './chart-frame';

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

/** A line that is coloured above and below zero, drawn once its fonts are here. Not an image: its logo is a link. */
export default function LineChart({ label, points, timeZone, locale }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<{ api: IChartApi; line: ISeriesApi<'Baseline'> } | null>(null);
  const isDark = useIsDark();
  // Drawing it is the longest that a page does at once, and done for each change of how it looks.
  const fonts = use(loadFonts());

  useEffect(() => {
    if (!box.current) return;
    const api = createChart(box.current, { autoSize: true, ...frameOptions(timeZone, locale) });
    chart.current = {
      api,
      line: api.addSeries(BaselineSeries, { baseValue: { type: 'price', price: 0 } }),
    };
    api.applyOptions(fonts);
    return () => {
      chart.current = null;
      api.remove();
    };
  }, [timeZone, locale, fonts]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart that is made anew for another language is empty
  useEffect(() => {
    chart.current?.line.setData(
      points.map(({ time, value }) => ({ time: time as UTCTimestamp, value })),
    );
    chart.current?.api.timeScale().fitContent();
  }, [points, timeZone, locale]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, which changes with the theme
  useEffect(() => {
    chart.current?.api.applyOptions(colourOptions());
    chart.current?.line.applyOptions(lineColours());
  }, [isDark, timeZone, locale]);

  return <figure ref={box} aria-label={label} className="h-64 w-full" />;
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

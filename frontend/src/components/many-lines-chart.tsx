import {
  createChart,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { useIsDark } from '@/lib/preferences';
import { colourOptions, frameOptions, loadFonts, token } from './chart-frame';
import type { ChartPoint } from './line-chart';
import { LINE_TOKENS } from './line-tokens';

interface ManyLinesChartProps {
  label: string;
  lines: { id: string; points: ChartPoint[] }[];
  /** IANA zone of the time axis. */
  timeZone: string;
  locale: string;
}

/** Several lines on one scale, told apart by colour; the legend is the page's. */
export default function ManyLinesChart({ label, lines, timeZone, locale }: ManyLinesChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<IChartApi | null>(null);
  const isDark = useIsDark();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, which changes with the theme
  useEffect(() => {
    if (!box.current) return;
    const api = createChart(box.current, { autoSize: true, ...frameOptions(timeZone, locale) });
    chart.current = api;
    api.applyOptions(colourOptions());
    lines.forEach(({ points }, at) => {
      const series: ISeriesApi<'Line'> = api.addSeries(LineSeries, {
        color: token(LINE_TOKENS[at % LINE_TOKENS.length] ?? '--accent'),
        lineWidth: 2,
        priceLineVisible: false,
      });
      series.setData(points.map(({ time, value }) => ({ time: time as UTCTimestamp, value })));
    });
    api.timeScale().fitContent();
    void loadFonts().then((fonts) => chart.current?.applyOptions(fonts));
    return () => {
      chart.current = null;
      api.remove();
    };
  }, [lines, isDark, timeZone, locale]);

  return <figure ref={box} aria-label={label} className="h-72 w-full" />;
}

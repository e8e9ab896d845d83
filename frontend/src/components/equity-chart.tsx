import {
  AreaSeries,
  BaselineSeries,
  createChart,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { useIsDark } from '@/lib/preferences';
import { colourOptions, frameOptions, loadFonts, token } from './chart-frame';
import type { ChartPoint } from './line-chart';

interface EquityChartProps {
  label: string;
  line: ChartPoint[];
  /** How far below its peak the line is, at the same times; zero or less. */
  falls: ChartPoint[];
  /** Where the line began: above it is profit. */
  start: number;
  /** IANA zone of the time axis. */
  timeZone: string;
  locale: string;
}

interface Drawn {
  api: IChartApi;
  line: ISeriesApi<'Baseline'>;
  falls: ISeriesApi<'Area'>;
}

/** Equity, and under it in a pane of its own how far it fell from its peaks. */
export default function EquityChart({
  label,
  line,
  falls,
  start,
  timeZone,
  locale,
}: EquityChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Drawn | null>(null);
  const isDark = useIsDark();

  useEffect(() => {
    if (!box.current) return;
    const api = createChart(box.current, { autoSize: true, ...frameOptions(timeZone, locale) });
    const plain = { priceLineVisible: false, lastValueVisible: false } as const;
    chart.current = {
      api,
      line: api.addSeries(BaselineSeries, { lineWidth: 2, ...plain }),
      falls: api.addSeries(AreaSeries, { lineWidth: 1, invertFilledArea: true, ...plain }, 1),
    };
    const [upper, lower] = api.panes();
    upper?.setStretchFactor(3);
    lower?.setStretchFactor(1);
    void loadFonts().then((fonts) => chart.current?.api.applyOptions(fonts));
    return () => {
      chart.current = null;
      api.remove();
    };
  }, [timeZone, locale]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, which changes with the theme
  useEffect(() => {
    const drawn = chart.current;
    if (!drawn) return;
    const [up, down] = [token('--positive'), token('--negative')];
    drawn.line.setData(stamped(line));
    drawn.falls.setData(stamped(falls));
    drawn.line.applyOptions({
      baseValue: { type: 'price', price: start },
      topLineColor: up,
      topFillColor1: `${up}33`,
      topFillColor2: `${up}05`,
      bottomLineColor: down,
      bottomFillColor1: `${down}05`,
      bottomFillColor2: `${down}33`,
    });
    drawn.falls.applyOptions({
      lineColor: down,
      topColor: `${down}40`,
      bottomColor: `${down}10`,
    });
    drawn.api.applyOptions(colourOptions());
    drawn.api.timeScale().fitContent();
  }, [line, falls, start, isDark, timeZone, locale]);

  return <figure ref={box} aria-label={label} className="h-80 w-full" />;
}

const stamped = (points: ChartPoint[]) =>
  points.map(({ time, value }) => ({ time: time as UTCTimestamp, value }));

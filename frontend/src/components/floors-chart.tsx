import {
  createChart,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  LineType,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { useIsDark } from '@/lib/preferences';
import { colourOptions, frameOptions, loadFonts, token } from './chart-frame';
import type { ChartPoint } from './line-chart';

export interface FloorLine {
  id: string;
  points: ChartPoint[];
}

interface FloorsChartProps {
  label: string;
  equity: ChartPoint[];
  floors: FloorLine[];
  /** IANA zone of the time axis. */
  timeZone: string;
  locale: string;
}

interface Drawn {
  api: IChartApi;
  equity: ISeriesApi<'Line'>;
  floors: Map<string, ISeriesApi<'Line'>>;
}

/** Equity as a line, and the floors below it as steps. */
export default function FloorsChart({ label, equity, floors, timeZone, locale }: FloorsChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Drawn | null>(null);
  const isDark = useIsDark();

  useEffect(() => {
    if (!box.current) return;
    const api = createChart(box.current, { autoSize: true, ...frameOptions(timeZone, locale) });
    const line = api.addSeries(LineSeries, { lineWidth: 2, priceLineVisible: false });
    chart.current = { api, equity: line, floors: new Map() };
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
    drawn.equity.setData(stamped(equity));
    for (const { id, points } of floors) floorOf(drawn, id).setData(stamped(points));
    drawn.api.applyOptions(colourOptions());
    drawn.equity.applyOptions({ color: token('--accent') });
    for (const line of drawn.floors.values()) line.applyOptions({ color: token('--critical') });
    drawn.api.timeScale().fitContent();
  }, [equity, floors, isDark, timeZone, locale]);

  return <figure ref={box} aria-label={label} className="h-64 w-full" />;
}

function floorOf(drawn: Drawn, id: string): ISeriesApi<'Line'> {
  const known = drawn.floors.get(id);
  if (known) return known;
  const line = drawn.api.addSeries(LineSeries, {
    lineWidth: 2,
    lineStyle: LineStyle.Dashed,
    lineType: LineType.WithSteps,
    priceLineVisible: false,
    crosshairMarkerVisible: false,
  });
  drawn.floors.set(id, line);
  return line;
}

const stamped = (points: ChartPoint[]) =>
  points.map(({ time, value }) => ({ time: time as UTCTimestamp, value }));

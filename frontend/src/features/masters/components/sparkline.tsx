import { sign } from '@/lib/decimal';

const WIDTH = 120;
const HEIGHT = 32;

/** The course of a summed profit from zero on, as a line without axes. Its figures stand beside it. */
export function Sparkline({ totals }: { totals: string[] }) {
  const course = [0, ...totals.map(Number)];
  const [low, high] = [Math.min(...course), Math.max(...course)];
  const span = high - low || 1;
  const y = (total: number) => 1 + (1 - (total - low) / span) * (HEIGHT - 2);
  const step = WIDTH / Math.max(1, course.length - 1);
  const points = course.map(
    (total, place) => `${(place * step).toFixed(1)},${y(total).toFixed(1)}`,
  );
  const isLoss = sign(totals.at(-1) ?? '0') < 0;
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={`h-10 w-full ${isLoss ? 'text-negative' : 'text-positive'}`}
    >
      <line
        x1="0"
        x2={WIDTH}
        y1={y(0)}
        y2={y(0)}
        className="stroke-line"
        vectorEffect="non-scaling-stroke"
      />
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

import type { MasterProfile } from '@/api/types';
import { sign } from '@/lib/decimal';

const WIDTH = 120;
const HEIGHT = 32;

/** The course of a summed profit, as a line without axes. Its figures stand beside it. */
export function Sparkline({ curve }: Pick<MasterProfile, 'curve'>) {
  const totals = [0, ...curve.map(({ total_pnl }) => Number(total_pnl))];
  const [low, high] = [Math.min(...totals), Math.max(...totals)];
  const span = high - low || 1;
  const y = (total: number) => 1 + (1 - (total - low) / span) * (HEIGHT - 2);
  const step = WIDTH / Math.max(1, totals.length - 1);
  const points = totals.map(
    (total, place) => `${(place * step).toFixed(1)},${y(total).toFixed(1)}`,
  );
  const isLoss = sign(curve.at(-1)?.total_pnl ?? '0') < 0;
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

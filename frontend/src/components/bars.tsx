export interface Bar {
  id: string;
  name: string;
  /** How long it is; below zero it hangs under the line. */
  size: number;
  /** What it stands for, in words. */
  title: string;
  tone: 'positive' | 'negative' | 'neutral';
}

const TONES = { positive: 'bg-positive', negative: 'bg-negative', neutral: 'bg-accent-fill' };

interface BarsProps {
  label: string;
  bars: Bar[];
  /** Only every so manieth name has room. */
  namesEvery?: number;
}

/** Columns side by side, on a line and under it. */
export function Bars({ label, bars, namesEvery = 1 }: BarsProps) {
  const highest = Math.max(0, ...bars.map(({ size }) => size));
  const lowest = Math.max(0, ...bars.map(({ size }) => -size));
  const whole = highest + lowest || 1;
  const percent = (part: number) => `${(part / whole) * 100}%`;
  return (
    <figure aria-label={label} className="m-0">
      <div className="relative">
        <div
          aria-hidden
          className="absolute inset-x-0 border-line border-t"
          style={{ top: percent(highest) }}
        />
        <ul className="relative flex h-40 gap-px">
          {bars.map(({ id, size, title, tone }) => (
            <li key={id} title={title} className="relative min-w-0 flex-1">
              <span
                className={`absolute inset-x-0 ${size < 0 ? 'rounded-b-[2px]' : 'rounded-t-[2px]'} ${TONES[tone]} ${size === 0 ? '' : 'min-h-px'}`}
                style={{
                  height: percent(Math.abs(size)),
                  ...(size < 0 ? { top: percent(highest) } : { bottom: percent(lowest) }),
                }}
              />
              <span className="sr-only">{title}</span>
            </li>
          ))}
        </ul>
      </div>
      <div aria-hidden className="mt-1 flex gap-px text-muted text-xs">
        {bars.map(({ id, name }, at) => (
          <span
            key={id}
            className="figures min-w-0 flex-1 overflow-visible whitespace-nowrap text-center"
          >
            {at % namesEvery === 0 ? name : ''}
          </span>
        ))}
      </div>
    </figure>
  );
}

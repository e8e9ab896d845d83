interface ProgressBarProps {
  label: string;
  done: number;
  /** Null while nobody knows how much there is to do. */
  total: number | null;
  /** What the figures say in words, where they are no numbers of things. */
  text?: string | undefined;
}

/** How far something is that takes a while. The words stand beside it. */
export function ProgressBar({ label, done, total, text }: ProgressBarProps) {
  const share = total === null || total === 0 ? 1 : Math.min(1, done / total);
  const look =
    total === null ? 'animate-pulse bg-edge' : share === 1 ? 'bg-safe' : 'bg-accent-fill';
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total ?? undefined}
      aria-valuenow={total === null ? undefined : Math.min(done, total)}
      aria-valuetext={text}
      className="h-1.5 overflow-hidden rounded-full bg-surface-2"
    >
      <div
        className={`h-full rounded-full transition-[width] ${look}`}
        style={{ width: `${share * 100}%` }}
      />
    </div>
  );
}

/** What to do, one thing after the other. */
export function Steps({ steps }: { steps: string[] }) {
  return (
    <ol className="flex flex-col gap-3">
      {steps.map((step, place) => (
        <li key={step} className="flex gap-3">
          <span
            aria-hidden
            className="figures mt-px flex size-5 shrink-0 items-center justify-center rounded-full bg-surface-2 font-medium text-xs"
          >
            {place + 1}
          </span>
          <span className="min-w-0 text-pretty [overflow-wrap:anywhere]">{step}</span>
        </li>
      ))}
    </ol>
  );
}

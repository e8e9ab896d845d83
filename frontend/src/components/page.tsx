import { type ReactNode, useId } from 'react';
import { usePageTitle } from '@/lib/page-title';

interface PageHeaderProps {
  title: string;
  intro?: ReactNode;
  /** At most two. */
  actions?: ReactNode;
}

export function PageHeader({ title, intro, actions }: PageHeaderProps) {
  usePageTitle(title);
  return (
    <div className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="font-semibold text-xl [overflow-wrap:anywhere]">{title}</h1>
        {intro !== undefined && <div className="mt-1 text-pretty text-muted">{intro}</div>}
      </div>
      {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

interface CardProps {
  title?: string;
  /** Beside the title. */
  aside?: ReactNode;
  /** Without inner space, for tables. */
  isFlush?: boolean;
  children: ReactNode;
}

/** One part of a page, with its own heading. */
export function Card({ title, aside, isFlush = false, children }: CardProps) {
  const heading = useId();
  return (
    <section
      aria-labelledby={title === undefined ? undefined : heading}
      className="min-w-0 rounded-card border border-line bg-surface-1"
    >
      {title !== undefined && (
        <div
          className={`flex min-h-12 flex-wrap items-center justify-between gap-2 px-4 py-2 ${isFlush ? 'border-line border-b' : ''}`}
        >
          <h2 id={heading} className="font-semibold">
            {title}
          </h2>
          {aside && <div className="-mr-2">{aside}</div>}
        </div>
      )}
      <div className={isFlush ? '' : `px-4 pb-4 ${title === undefined ? 'pt-4' : ''}`}>
        {children}
      </div>
    </section>
  );
}

/** Figures side by side: name above, figure below. */
export function Tiles({ isSix = false, children }: { isSix?: boolean; children: ReactNode }) {
  const columns = isSix ? 'sm:grid-cols-3 xl:grid-cols-6' : 'sm:grid-cols-4';
  return (
    <dl
      className={`mb-4 grid grid-cols-2 gap-px overflow-hidden rounded-card border border-line bg-line ${columns}`}
    >
      {children}
    </dl>
  );
}

export function Tile({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="min-w-0 bg-surface-1 px-4 py-3">
      <dt className="text-muted text-sm">{label}</dt>
      <dd className="mt-0.5 font-semibold text-lg [overflow-wrap:anywhere]">{children}</dd>
      {hint !== undefined && <dd className="text-muted text-xs">{hint}</dd>}
    </div>
  );
}

/** In place of a figure that is being read. */
export function FigureRoom() {
  return (
    <span aria-hidden className="inline-block h-3 w-20 animate-pulse rounded-full bg-surface-2" />
  );
}

/** Names and values below each other. */
export function Facts({ facts }: { facts: { key?: string; name: string; value: ReactNode }[] }) {
  return (
    <dl className="divide-y divide-line">
      {facts.map(({ key, name, value }) => (
        <div key={key ?? name} className="flex items-baseline justify-between gap-4 py-2">
          <dt className="max-w-1/2 shrink-0 text-muted">{name}</dt>
          <dd className="min-w-0 text-right [overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

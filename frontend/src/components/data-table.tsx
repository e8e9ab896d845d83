import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { DataRows } from './data-rows';

/**
 * Where a cell stands on a phone, or wherever there is no room for columns, and
 * a row has two lines: `lead title … state` above `detail detail … figure`.
 * `wide`: not shown there. `note`: a third line over the whole width.
 * `below`: that line everywhere, for what only few rows have.
 */
export type PhonePlace =
  | 'lead'
  | 'title'
  | 'state'
  | 'detail'
  | 'figure'
  | 'note'
  | 'wide'
  | 'below';

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Figures stand at the right. */
  align?: 'right';
  phone: PhonePlace;
  /** By which name the list is sorted by this column; `-name` is the largest first. */
  sort?: string;
}

export interface Sorting {
  /** Such as `-entry_at`. */
  by: string;
  onChange: (by: string) => void;
}

interface DataTableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** With more columns than half a screen has room for. */
  isWide?: boolean;
  /** Counts, sums, a button for more. */
  footer?: ReactNode;
  sorting?: Sorting;
  /** What a press on a row does; a control in it that is marked with `ROW_CONTROL` does the same. */
  onOpen?: (row: Row) => void;
}

// Roles are written out: a changed `display` takes a table's own away.
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  isWide = false,
  footer,
  sorting,
  onOpen,
}: DataTableProps<Row>) {
  const cells = columns.filter((column) => column.phone !== 'below');
  const below = columns.filter((column) => column.phone === 'below');
  const box = useRef<HTMLDivElement>(null);
  const isOver = useOverflow(box);
  // What scrolls sideways would keep its head to itself; a table of half a page is short.
  const isHeadKept = isWide && isOver === false;
  return (
    <>
      {/* Relative, or what is written for screen readers alone would widen the page. */}
      <div
        ref={box}
        {...(isOver && { role: 'group', 'aria-label': label, tabIndex: 0 })}
        className={`relative ${isHeadKept ? 'overflow-clip rounded-card' : 'overflow-x-auto'} ${isWide ? '@container/wide-rows' : '@container/rows'}`}
      >
        <table
          role="table"
          aria-label={label}
          className="w-full border-collapse text-left stacked:block"
        >
          <thead
            role="rowgroup"
            className={`stacked:sr-only ${isHeadKept ? 'spread:sticky spread:top-[var(--frame-top,0px)] z-[4]' : ''}`}
          >
            <tr role="row">
              {cells.map((column) => (
                <Head key={column.id} column={column} sorting={sorting} isKept={isHeadKept} />
              ))}
            </tr>
          </thead>
          <DataRows rows={rows} rowKey={rowKey} cells={cells} below={below} onOpen={onOpen} />
        </table>
      </div>
      {footer !== undefined && (
        <div className="flex min-h-11 flex-wrap items-center justify-between gap-3 border-line border-t px-4 py-2 text-muted text-sm">
          {footer}
        </div>
      )}
    </>
  );
}

// The line is drawn as a shadow: a border that cells share stays with the rows.
const KEPT = 'bg-surface-1 shadow-[inset_0_-1px_var(--line)]';

interface HeadProps<Row> {
  column: Column<Row>;
  sorting: Sorting | undefined;
  /** It stays while the rows go by. */
  isKept: boolean;
}

function Head<Row>({ column: { header, align, sort }, sorting, isKept }: HeadProps<Row>) {
  const order = sorting && sort ? orderOf(sorting.by, sort) : undefined;
  const Arrow = order === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <th
      role="columnheader"
      scope="col"
      aria-sort={order}
      className={`whitespace-nowrap px-2.5 py-2 font-medium text-muted text-sm first:pl-4 last:pr-4 ${isKept ? KEPT : 'border-line border-b'} ${align === 'right' ? 'text-right' : ''}`}
    >
      {sorting && sort ? (
        <button
          type="button"
          onClick={() => sorting.onChange(order === 'descending' ? sort : `-${sort}`)}
          className="inline-flex items-center gap-1 rounded-[4px] hover:text-ink"
        >
          {header}
          {order !== 'none' && <Arrow aria-hidden size={14} />}
        </button>
      ) : (
        header
      )}
    </th>
  );
}

function orderOf(by: string, sort: string): 'ascending' | 'descending' | 'none' {
  if (by === sort) return 'ascending';
  return by === `-${sort}` ? 'descending' : 'none';
}

/** Whether what is inside is wider than the box, so that it scrolls and the keyboard has to reach it. Null: not measured. */
function useOverflow(box: RefObject<HTMLElement | null>): boolean | null {
  const [isOver, setOver] = useState<boolean | null>(null);
  useEffect(() => {
    const outer = box.current;
    const inner = outer?.firstElementChild;
    if (!outer || !inner || !('ResizeObserver' in window)) return;
    // Of both: what is cut off need not count as the outer one's.
    const measure = () =>
      setOver(Math.max(outer.scrollWidth, inner.scrollWidth) > outer.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(outer);
    observer.observe(inner);
    return () => observer.disconnect();
  }, [box]);
  return isOver;
}

import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';

/**
 * Where a cell stands on a phone, or wherever there is no room for columns, and
 * a row has two lines: `title … state` above `detail detail … figure`.
 * `wide`: not shown there. `note`: a third line over the whole width.
 * `below`: that line everywhere, for what only few rows have.
 */
type PhonePlace = 'title' | 'state' | 'detail' | 'figure' | 'note' | 'wide' | 'below';

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Figures stand at the right. */
  align?: 'right';
  phone: PhonePlace;
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
}

const PHONE: Record<PhonePlace, string> = {
  title:
    'spread:min-w-28 stacked:order-1 stacked:min-w-0 stacked:flex-1 stacked:basis-2/5 stacked:font-medium',
  state: 'stacked:order-2',
  detail: 'stacked:order-4 stacked:text-muted stacked:text-sm',
  figure: 'stacked:order-5 stacked:ml-auto',
  note: 'stacked:order-6 stacked:basis-full stacked:text-sm',
  wide: 'stacked:hidden',
  below: '',
};

// Roles are written out: a changed `display` takes a table's own away.
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  isWide = false,
  footer,
}: DataTableProps<Row>) {
  const cells = columns.filter((column) => column.phone !== 'below');
  const below = columns.filter((column) => column.phone === 'below');
  const box = useRef<HTMLDivElement>(null);
  const isScrolled = useOverflow(box);
  return (
    <>
      {/* Relative, or what is written for screen readers alone would widen the page. */}
      <div
        ref={box}
        {...(isScrolled && { role: 'group', 'aria-label': label, tabIndex: 0 })}
        className={`relative overflow-x-auto ${isWide ? '@container/wide-rows' : '@container/rows'}`}
      >
        <table
          role="table"
          aria-label={label}
          className="w-full border-collapse text-left stacked:block"
        >
          <thead role="rowgroup" className="stacked:sr-only">
            <tr role="row">
              {cells.map((column) => (
                <th
                  key={column.id}
                  role="columnheader"
                  scope="col"
                  className={`whitespace-nowrap border-line border-b px-2.5 py-2 font-medium text-muted text-sm first:pl-4 last:pr-4 ${column.align === 'right' ? 'text-right' : ''}`}
                >
                  {column.header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup" className="stacked:block">
            {rows.map((row) => (
              <TableRow key={rowKey(row)} row={row} cells={cells} below={below} />
            ))}
          </tbody>
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

/** Whether what is inside is wider than the box, so that it scrolls and the keyboard has to reach it. */
function useOverflow(box: RefObject<HTMLElement | null>): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const outer = box.current;
    const inner = outer?.firstElementChild;
    if (!outer || !inner || !('ResizeObserver' in window)) return;
    const observer = new ResizeObserver(() => setOver(outer.scrollWidth > outer.clientWidth));
    observer.observe(outer);
    observer.observe(inner);
    return () => observer.disconnect();
  }, [box]);
  return isOver;
}

interface TableRowProps<Row> {
  row: Row;
  cells: Column<Row>[];
  below: Column<Row>[];
}

function TableRow<Row>({ row, cells, below }: TableRowProps<Row>) {
  const notes = below.flatMap((column) => {
    const note = column.cell(row);
    return note ? [{ id: column.id, note }] : [];
  });
  return (
    <>
      <tr
        role="row"
        className={`${notes.length > 0 ? '' : 'border-line border-b last:border-0'} hover:bg-surface-2/50 stacked:flex stacked:flex-wrap stacked:items-center stacked:gap-x-2.5 stacked:gap-y-1 stacked:px-4 stacked:py-2.5 stacked:after:order-3 stacked:after:basis-full stacked:after:content-['']`}
      >
        {cells.map((column) => (
          <td
            key={column.id}
            role="cell"
            className={`spread:h-9 spread:touch:h-12 spread:px-2.5 spread:py-1.5 spread:first:pl-4 spread:last:pr-4 ${column.align === 'right' ? 'spread:text-right' : ''} ${PHONE[column.phone]}`}
          >
            {column.cell(row)}
          </td>
        ))}
      </tr>
      {notes.map(({ id, note }) => (
        <tr key={id} role="row" className="border-line border-b last:border-0 stacked:block">
          <td role="cell" colSpan={cells.length} className="px-4 pb-2.5 stacked:block">
            {note}
          </td>
        </tr>
      ))}
    </>
  );
}

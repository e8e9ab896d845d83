import type { ReactNode } from 'react';

/**
 * Where a cell stands on a phone, where a row has two lines:
 * `title … state` above `detail detail … figure`. `wide`: not shown there.
 * `note`: a third line over the whole width.
 */
type PhonePlace = 'title' | 'state' | 'detail' | 'figure' | 'note' | 'wide';

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
  /** Counts, sums, a button for more. */
  footer?: ReactNode;
}

const PHONE: Record<PhonePlace, string> = {
  title: 'max-sm:order-1 max-sm:min-w-0 max-sm:flex-1 max-sm:basis-2/5 max-sm:font-medium',
  state: 'max-sm:order-2',
  detail: 'max-sm:order-4 max-sm:text-muted max-sm:text-sm',
  figure: 'max-sm:order-5 max-sm:ml-auto',
  note: 'max-sm:order-6 max-sm:basis-full max-sm:text-sm',
  wide: 'max-sm:hidden',
};

// Roles are written out: a changed `display` takes a table's own away.
export function DataTable<Row>({ label, columns, rows, rowKey, footer }: DataTableProps<Row>) {
  return (
    <>
      <div className="sm:overflow-x-auto">
        <table
          role="table"
          aria-label={label}
          className="w-full border-collapse text-left max-sm:block"
        >
          <thead role="rowgroup" className="max-sm:sr-only">
            <tr role="row">
              {columns.map((column) => (
                <th
                  key={column.id}
                  role="columnheader"
                  scope="col"
                  className={`whitespace-nowrap border-line border-b px-3 py-2 font-medium text-muted text-sm first:pl-4 last:pr-4 ${column.align === 'right' ? 'text-right' : ''}`}
                >
                  {column.header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup" className="max-sm:block">
            {rows.map((row) => (
              <TableRow key={rowKey(row)} row={row} columns={columns} />
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

function TableRow<Row>({ row, columns }: { row: Row; columns: Column<Row>[] }) {
  return (
    <tr
      role="row"
      className="border-line border-b last:border-0 hover:bg-surface-2/50 max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:gap-x-3 max-sm:gap-y-1 max-sm:px-4 max-sm:py-2.5 max-sm:after:order-3 max-sm:after:basis-full max-sm:after:content-['']"
    >
      {columns.map((column) => (
        <td
          key={column.id}
          role="cell"
          className={`sm:h-9 sm:touch:h-12 sm:px-3 sm:py-1.5 sm:first:pl-4 sm:last:pr-4 ${column.align === 'right' ? 'sm:text-right' : ''} ${PHONE[column.phone]}`}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import type { Column, PhonePlace } from './data-table';
import { watchNearness } from './nearness';

/** Rows that are drawn or taken out together. */
const CHUNK = 50;
/** From so many rows on, those far from the screen are not drawn. */
const MANY = 200;
/** Until it was drawn once, a row counts as this high. */
const ROW_PX = 36;
/** How far from the screen rows are drawn. */
const NEAR = '1500px 0px';

/** Marks the control of a row that stands for the row: arrow keys go from one to the next. */
export const ROW_CONTROL = { 'data-row-control': '' };

const PHONE: Record<PhonePlace, string> = {
  lead: 'stacked:order-0',
  title:
    'spread:min-w-28 stacked:order-1 stacked:min-w-0 stacked:flex-1 stacked:basis-2/5 stacked:font-medium',
  state: 'stacked:order-2',
  detail: 'stacked:order-4 stacked:text-muted stacked:text-sm',
  figure: 'stacked:order-5 stacked:ml-auto',
  note: 'stacked:order-6 stacked:basis-full stacked:text-sm',
  wide: 'stacked:hidden',
  below: '',
};

interface RowsProps<Row> {
  rows: Row[];
  rowKey: (row: Row) => string;
  cells: Column<Row>[];
  below: Column<Row>[];
  onOpen?: ((row: Row) => void) | undefined;
}

/** The rows of a table. Of many, only those near the screen are drawn. */
export function DataRows<Row>(props: RowsProps<Row>) {
  const { rows } = props;
  const isWhole = rows.length <= MANY || !('IntersectionObserver' in window);
  // The same chunks either way: a row that holds the focus stays where the table becomes long.
  const starts = Array.from({ length: Math.ceil(rows.length / CHUNK) }, (_, at) => at * CHUNK);
  return starts.map((start) => (
    <Chunk
      key={start}
      start={start}
      {...props}
      isWhole={isWhole}
      rows={rows.slice(start, start + CHUNK)}
    />
  ));
}

interface ChunkProps<Row> extends RowsProps<Row> {
  start: number;
  /** All rows of the table are drawn, wherever they are. */
  isWhole: boolean;
}

function Chunk<Row>({ start, isWhole, ...props }: ChunkProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const height = useRef(props.rows.length * ROW_PX);
  const [isNear, setNear] = useState(start < MANY);

  useEffect(() => {
    const element = body.current;
    if (!element || isWhole) return;
    return watchNearness(element, NEAR, ({ isIntersecting, boundingClientRect }) => {
      // What holds the focus stays, or the keyboard would lose its place.
      const isHeld = element.contains(document.activeElement);
      // What is not shown at all has no height that could be kept.
      if (!isIntersecting && !isHeld && boundingClientRect.height > 0)
        height.current = boundingClientRect.height;
      setNear(isIntersecting || isHeld);
    });
  }, [isWhole]);

  return (
    <tbody ref={body} role="rowgroup" className="stacked:block">
      {isWhole || isNear ? (
        <TableRows {...props} start={isWhole ? undefined : start} />
      ) : (
        <tr aria-hidden className="stacked:block" style={{ height: height.current }}>
          <td colSpan={props.cells.length} />
        </tr>
      )}
    </tbody>
  );
}

function TableRows<Row>({
  rows,
  rowKey,
  start,
  ...props
}: RowsProps<Row> & { start?: number | undefined }) {
  return rows.map((row, at) => (
    <TableRow
      key={rowKey(row)}
      row={row}
      // Counted with the head, and only where not all rows are there.
      index={start === undefined ? undefined : start + at + 2}
      {...props}
    />
  ));
}

interface TableRowProps<Row> {
  row: Row;
  index: number | undefined;
  cells: Column<Row>[];
  below: Column<Row>[];
  onOpen?: ((row: Row) => void) | undefined;
}

function TableRow<Row>({ row, index, cells, below, onOpen }: TableRowProps<Row>) {
  const notes = below.flatMap((column) => {
    const note = column.cell(row);
    return note ? [{ id: column.id, note }] : [];
  });
  return (
    <>
      <tr
        role="row"
        aria-rowindex={index}
        {...(onOpen && {
          onClick: (event: MouseEvent<HTMLElement>) => {
            if (isOfRow(event)) onOpen(row);
          },
          onKeyDown: moveFocus,
        })}
        className={`${notes.length > 0 ? '' : 'border-line border-b [tbody:last-child>&]:last:border-0'} ${onOpen ? 'cursor-pointer' : ''} hover:bg-surface-2/50 stacked:flex stacked:flex-wrap stacked:items-center stacked:gap-x-2.5 stacked:gap-y-1 stacked:px-4 stacked:py-2.5 stacked:after:order-3 stacked:after:basis-full stacked:after:content-['']`}
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
        <tr
          key={id}
          role="row"
          className="border-line border-b [tbody:last-child>&]:last:border-0 stacked:block"
        >
          <td role="cell" colSpan={cells.length} className="px-4 pb-2.5 stacked:block">
            {note}
          </td>
        </tr>
      ))}
    </>
  );
}

/** Not of a control in the row, and not the end of marking a text. */
function isOfRow({ target }: MouseEvent): boolean {
  const isControl = target instanceof Element && target.closest('a, button, input, label') !== null;
  return !isControl && (getSelection()?.isCollapsed ?? true);
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined && stepRow(step)) event.preventDefault();
}

/** From the row that holds the focus to another; from anywhere else to the first one in view. */
export function stepRow(step: number): boolean {
  const row = document.activeElement?.closest('tr');
  const table =
    row?.closest('table') ?? document.querySelector('main table:has([data-row-control])');
  const controls = [...(table?.querySelectorAll<HTMLElement>('[data-row-control]') ?? [])];
  const here = controls.findIndex((control) => row?.contains(control));
  const first = controls.findIndex((control) => control.getBoundingClientRect().top >= 0);
  const next = controls[here < 0 ? Math.max(0, first) : here + step];
  next?.focus();
  return next !== undefined;
}

/** Ticks the box of the row that holds the focus, or takes the tick off. */
export function tickRow(): void {
  const row = document.activeElement?.closest('tr');
  row?.querySelector<HTMLElement>('input[type=checkbox]')?.click();
}

import { CircleAlert, CircleCheck } from 'lucide-react';
import { useMessages, useTranslations } from 'use-intl';
import type { ImportReport } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Figure } from '@/components/figures';
import { Moment } from '@/components/time';
import { Direction } from './trade-columns';

/** What is in a file: how many trades, what is wrong, and the first of them. */
export function ImportFindings({ report }: { report: ImportReport }) {
  const t = useTranslations('imports');
  const isGood = report.error_count === 0;
  const Icon = isGood ? CircleCheck : CircleAlert;
  return (
    <>
      <div role="status" className="flex items-start gap-2">
        <Icon
          aria-hidden
          size={20}
          className={`mt-0.5 shrink-0 ${isGood ? 'text-safe' : 'text-negative'}`}
        />
        <div className="min-w-0 text-pretty">
          <p className="font-medium">{t('found', { count: report.trades })}</p>
          {report.duplicates > 0 && <p>{t('duplicates', { count: report.duplicates })}</p>}
          {!isGood && (
            <p className="text-negative">
              {t('errors', { count: report.error_count })} {t('errorsHint')}
            </p>
          )}
          {report.confidence && (
            <p className="text-muted text-sm">{t(`confidence.${report.confidence}`)}</p>
          )}
        </div>
      </div>
      {report.errors.length > 0 && <Errors errors={report.errors} />}
      {report.preview.length > 0 && <Preview trades={report.preview} />}
    </>
  );
}

/** Its own height, and scrolls within. */
const BOX = 'max-h-64 overflow-y-auto rounded-card border border-line';

type RowError = ImportReport['errors'][number];

function Errors({ errors }: { errors: RowError[] }) {
  const t = useTranslations('imports');
  const { fields, faults } = useMessages().imports;
  const known = <Words extends object>(words: Words, word: string): word is keyof Words & string =>
    word in words;
  const columns: Column<RowError>[] = [
    {
      id: 'row',
      header: t('row'),
      align: 'right',
      phone: 'lead',
      cell: ({ row }) => <span className="figures">{row}</span>,
    },
    {
      id: 'field',
      header: t('field'),
      phone: 'title',
      cell: ({ field }) => (known(fields, field) ? t(`fields.${field}`) : field),
    },
    {
      id: 'fault',
      header: t('fault'),
      phone: 'note',
      cell: ({ code, detail }) => (known(faults, code) ? t(`faults.${code}`) : detail),
    },
  ];
  const label = t('firstErrors', { count: errors.length });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className={BOX}>
      <DataTable
        label={label}
        columns={columns}
        rows={errors}
        rowKey={({ row, field, code }) => `${row} ${field} ${code}`}
      />
    </section>
  );
}

type Found = ImportReport['preview'][number];

function Preview({ trades }: { trades: Found[] }) {
  const t = useTranslations();
  const columns: Column<Found>[] = [
    {
      id: 'symbol',
      header: t('trades.columns.symbol'),
      phone: 'title',
      cell: ({ symbol }) => <span className="font-medium">{symbol}</span>,
    },
    {
      id: 'direction',
      header: t('trades.columns.direction'),
      phone: 'state',
      cell: (trade) => <Direction direction={trade.direction} />,
    },
    {
      id: 'quantity',
      header: t('trades.form.quantity'),
      align: 'right',
      phone: 'detail',
      cell: ({ quantity }) => <Figure value={quantity} />,
    },
    {
      id: 'entry',
      header: t('trades.columns.entry'),
      phone: 'detail',
      cell: ({ entry_at, entry_price }) => (
        <>
          <Moment at={entry_at} format="full" /> <Figure value={entry_price} />
        </>
      ),
    },
    {
      id: 'exit',
      header: t('trades.columns.exit'),
      phone: 'detail',
      cell: ({ exit_at, exit_price }) =>
        exit_at && (
          <>
            <Moment at={exit_at} format="full" /> <Figure value={exit_price} />
          </>
        ),
    },
    {
      id: 'pnl',
      header: t('trades.columns.pnl'),
      align: 'right',
      phone: 'figure',
      cell: ({ pnl }) => <Figure value={pnl} places={2} />,
    },
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={t('imports.preview')} tabIndex={0} className={BOX}>
      <DataTable
        label={t('imports.preview')}
        columns={columns}
        rows={trades}
        rowKey={({ id }) => id}
      />
    </section>
  );
}

import { useInfiniteQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { CurrencyRate } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Figure } from '@/components/figures';
import { Card } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { Button, IconButton } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { currencyRatesQuery, useDeleteCurrencyRate } from '../queries';
import { RateForm } from './rate-form';

/** What currencies are worth in others, day by day: by these, sums are told in one currency. */
export function CurrencyRatesCard() {
  const t = useTranslations('currencyRates');
  return (
    <div id="currency-rates" className="scroll-mt-20">
      <Card title={t('title')}>
        <p className="mb-4 text-muted text-pretty">{t('hint')}</p>
        <RateForm />
        <Rates />
      </Card>
    </div>
  );
}

function Rates() {
  const t = useTranslations();
  const list = useInfiniteQuery(currencyRatesQuery);
  const [removed, setRemoved] = useState<CurrencyRate | null>(null);
  const day = useDayText();
  if (list.isPending) return <Loading rows={2} />;
  if (list.isLoadingError)
    return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  const rates = list.data.pages.flatMap((page) => page.items);
  if (rates.length === 0) return <p className="mt-4 text-muted">{t('currencyRates.empty')}</p>;
  const columns: Column<CurrencyRate>[] = [
    {
      id: 'pair',
      header: t('currencyRates.pair'),
      phone: 'title',
      cell: ({ currency, base_currency: base }) => t('currencyRates.one', { currency, base }),
    },
    {
      id: 'rate',
      header: t('currencyRates.rate'),
      align: 'right',
      phone: 'figure',
      cell: ({ rate }) => <Figure value={rate} />,
    },
    {
      id: 'day',
      header: t('currencyRates.since'),
      phone: 'detail',
      cell: (rate) => <span className="figures whitespace-nowrap">{day(rate)}</span>,
    },
    {
      id: 'remove',
      header: <span className="sr-only">{t('currencyRates.remove')}</span>,
      align: 'right',
      phone: 'state',
      cell: (rate) => (
        <IconButton
          icon={Trash2}
          label={t('currencyRates.removeOne', {
            currency: rate.currency,
            base: rate.base_currency,
            day: day(rate),
          })}
          onClick={() => setRemoved(rate)}
        />
      ),
    },
  ];
  return (
    <div className="-mx-4 mt-4 -mb-4 border-line border-t">
      <DataTable
        label={t('currencyRates.title')}
        columns={columns}
        rows={rates}
        rowKey={(rate) => `${rate.currency} ${rate.base_currency} ${rate.day}`}
        footer={
          list.hasNextPage && (
            <Button
              look="quiet"
              isBusy={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              {t('currencyRates.more')}
            </Button>
          )
        }
      />
      {removed && <Removal rate={removed} onClose={() => setRemoved(null)} />}
    </div>
  );
}

function Removal({ rate, onClose }: { rate: CurrencyRate; onClose: () => void }) {
  const t = useTranslations('currencyRates');
  const remove = useDeleteCurrencyRate();
  const day = useDayText();
  const { currency, base_currency: base } = rate;
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => remove.mutate(rate, { onSuccess: onClose })}
      title={t('removeOne', { currency, base, day: day(rate) })}
      consequence={t('removeText')}
      verb={t('remove')}
      isBusy={remove.isPending}
      error={remove.error}
    />
  );
}

function useDayText(): (rate: CurrencyRate) => string {
  const format = useFormatter();
  return ({ day }) =>
    format.dateTime(new Date(`${day}T00:00:00Z`), { dateStyle: 'medium', timeZone: 'UTC' });
}

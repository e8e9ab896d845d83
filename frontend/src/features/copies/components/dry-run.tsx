import { valibotResolver } from '@hookform/resolvers/valibot';
import { FlaskConical, Users } from 'lucide-react';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import * as v from 'valibot';
import { ApiError } from '@/api/problem';
import type { DryRun as Order } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Empty } from '@/components/states';
import { Button } from '@/components/ui/button';
import { SelectField, TextField } from '@/components/ui/field';
import { isDecimal, sign } from '@/lib/decimal';
import { showFaults } from '@/lib/forms';
import { useDryRun } from '../queries';
import { DryRunResults } from './dry-run-results';

const needed = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'required'),
  v.check(isDecimal, 'not_a_number'),
  v.check((text) => !isDecimal(text) || sign(text) > 0, 'not_positive'),
);
const stop = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => text === '' || isDecimal(text), 'not_a_number'),
);
const orderSchema = v.object({
  side: v.picklist(['BUY', 'SELL']),
  symbol: v.pipe(v.string(), v.trim(), v.minLength(1, 'required'), v.maxLength(32, 'too_long')),
  price: needed,
  lots: needed,
  stop_loss: stop,
  take_profit: stop,
});
type Values = v.InferOutput<typeof orderSchema>;
const FIELDS = ['symbol', 'price', 'lots', 'stop_loss', 'take_profit'] as const;

/** What would each follower do with this order now? Nothing is sent. */
export function DryRun({ accountId }: { accountId: string }) {
  const t = useTranslations('dryRun');
  const run = useDryRun(accountId);
  const form = useForm<Values>({
    resolver: valibotResolver(orderSchema),
    defaultValues: {
      side: 'BUY',
      symbol: 'XAUUSD',
      price: '',
      lots: '0.20',
      stop_loss: '',
      take_profit: '',
    },
  });
  const { errors } = form.formState;

  function submit(values: Values): void {
    run.mutate(orderOf(values), {
      onError: (error) => {
        showFaults(error instanceof ApiError ? error.fields : [], FIELDS, form.setError);
      },
    });
  }

  return (
    <>
      <form noValidate className="p-4" onSubmit={form.handleSubmit(submit)}>
        <p className="mb-4 max-w-prose text-pretty text-muted">{t('intro')}</p>
        <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
          <SelectField
            label={t('side')}
            options={(['BUY', 'SELL'] as const).map((value) => ({ value, label: t(value) }))}
            {...form.register('side')}
          />
          {FIELDS.map((name) => (
            <TextField
              key={name}
              label={t(name)}
              autoComplete="off"
              inputMode={name === 'symbol' ? 'text' : 'decimal'}
              error={errors[name]?.message}
              {...form.register(name)}
            />
          ))}
        </div>
        <ProblemText error={run.error} />
        <div className="mt-4">
          <Button type="submit" look="primary" icon={FlaskConical} isBusy={run.isPending}>
            {t('submit')}
          </Button>
        </div>
      </form>
      <div role="status" className={run.data ? 'border-line border-t' : ''}>
        {run.data?.followers.length === 0 && (
          <Empty icon={Users} title={t('nobody')} hint={t('nobodyHint')} />
        )}
        {run.data && run.data.followers.length > 0 && <DryRunResults {...run.data} />}
      </div>
    </>
  );
}

function orderOf({ stop_loss, take_profit, ...rest }: Values): Order {
  return {
    ...rest,
    ...(stop_loss !== '' && { stop_loss }),
    ...(take_profit !== '' && { take_profit }),
  };
}

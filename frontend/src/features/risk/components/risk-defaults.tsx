import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { RiskDefaults } from '@/api/types';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { Unsaved } from '@/components/ui/unsaved';
import { compare, decimals, isDecimal, sign } from '@/lib/decimal';
import { riskDefaultsQuery, usePutRiskDefaults } from '../defaults-queries';

const PERCENTS = ['risk_per_trade_percent', 'daily_loss_percent', 'max_drawdown_percent'] as const;
const FIELDS = ['max_open_positions', ...PERCENTS] as const;
type Field = (typeof FIELDS)[number];

/** Four numbers that every new account is offered as its rules. */
export function RiskDefaultsCard() {
  const t = useTranslations('riskDefaults');
  const defaults = useQuery(riskDefaultsQuery);
  return (
    <Card title={t('title')}>
      <p className="mb-4 text-muted text-pretty">{t('hint')}</p>
      {defaults.isPending && <Loading rows={2} />}
      {defaults.isError && (
        <Failure error={defaults.error} onRetry={() => void defaults.refetch()} />
      )}
      {defaults.data && <Form defaults={defaults.data} />}
    </Card>
  );
}

type Typed = Partial<Record<Field, string>>;

/** What was typed outlives whatever is read anew; the other fields follow the server. */
function Form({ defaults }: { defaults: RiskDefaults }) {
  const t = useTranslations();
  const [typed, setTyped] = useState<Typed>({});
  const put = usePutRiskDefaults();
  const textOf = (field: Field) => (typed[field] ?? String(defaults[field])).trim();
  const refused = put.error instanceof ApiError ? put.error.fields : [];
  const faultOf = (field: Field) =>
    refused.some((each) => each.field === field) ? rangeOf(field) : fault(field, textOf(field));
  const isChanged = FIELDS.some((field) => textOf(field) !== String(defaults[field]));

  function save(): void {
    if (FIELDS.some((field) => fault(field, textOf(field)) !== undefined)) return;
    const sent = typed;
    const body = {
      max_open_positions: Number(textOf('max_open_positions')),
      risk_per_trade_percent: textOf('risk_per_trade_percent'),
      daily_loss_percent: textOf('daily_loss_percent'),
      max_drawdown_percent: textOf('max_drawdown_percent'),
      version: defaults.version,
    };
    put.mutate(body, { onSuccess: () => setTyped((latest) => typedSince(latest, sent)) });
  }

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map((field) => (
          <TextField
            key={field}
            label={t(`riskDefaults.fields.${field}`)}
            hint={t(`riskDefaults.hints.${field}`)}
            inputMode={field === 'max_open_positions' ? 'numeric' : 'decimal'}
            autoComplete="off"
            value={typed[field] ?? String(defaults[field])}
            onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
            error={faultOf(field)}
          />
        ))}
      </div>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <Button type="submit" isBusy={put.isPending} disabled={!isChanged}>
          {t('common.save')}
        </Button>
        {put.isSuccess && !isChanged && (
          <p role="status" className="text-safe">
            {t('riskDefaults.saved')}
          </p>
        )}
      </div>
      <ProblemText error={put.error} />
      <Unsaved when={isChanged} />
    </form>
  );
}

/** What was typed after this was sent. */
function typedSince(latest: Typed, sent: Typed): Typed {
  const left: Typed = {};
  for (const field of FIELDS) {
    const text = latest[field];
    if (text !== undefined && text !== sent[field]) left[field] = text;
  }
  return left;
}

const rangeOf = (field: Field) => (field === 'max_open_positions' ? 'to_1000' : 'to_100_percent');

/** What is wrong with a number, as its code. */
function fault(field: Field, text: string): string | undefined {
  const isGood =
    field === 'max_open_positions'
      ? /^[1-9]\d{0,3}$/.test(text) && Number(text) <= 1000
      : isDecimal(text) && sign(text) > 0 && compare(text, '100') <= 0 && decimals(text) <= 4;
  return isGood ? undefined : rangeOf(field);
}

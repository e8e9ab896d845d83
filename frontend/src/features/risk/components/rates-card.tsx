import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { GroupRate, GroupRisk } from '@/api/types';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Ago, Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { isDecimal, sign } from '@/lib/decimal';
import { usePutRates } from '../group-queries';

/** Where accounts have other currencies than the group: what those are worth. */
export function RatesCard({ risk }: { risk: GroupRisk }) {
  const t = useTranslations('risk.rates');
  const { base_currency: base, rates, members } = risk;
  const all = [...members, ...rates].map(({ currency }) => currency);
  const foreign = [...new Set(all)].filter((currency) => currency !== base).sort();
  if (foreign.length === 0) return null;
  return (
    <Card title={t('title')}>
      <p className="mb-3 text-muted text-pretty text-sm">{t('hint', { base })}</p>
      <Form
        // What is typed is kept while figures come in; saved rates are shown anew.
        key={rates.map(({ currency, as_of }) => currency + as_of).join()}
        currencies={foreign}
        risk={risk}
      />
    </Card>
  );
}

function Form({ currencies, risk }: { currencies: string[]; risk: GroupRisk }) {
  const t = useTranslations();
  const { base_currency: base, rates, missing_rates: missing } = risk;
  const [typed, setTyped] = useState<Record<string, string>>({});
  const put = usePutRates(risk.group_id);
  const known = (currency: string) => rates.find((rate) => rate.currency === currency);
  const textOf = (currency: string) => (typed[currency] ?? known(currency)?.rate ?? '').trim();
  const given = currencies.flatMap((currency) => {
    const rate = textOf(currency);
    return rate === '' ? [] : [{ currency, rate }];
  });
  const isWhole = given.every(({ rate }) => isRate(rate));
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) put.mutate(given);
      }}
    >
      {missing.length > 0 && (
        <p className="text-caution text-pretty">
          {t('risk.rates.missing', { currencies: missing.join(', ') })}
        </p>
      )}
      {currencies.map((currency) => (
        <TextField
          key={currency}
          label={t('risk.rates.one', { currency, base })}
          inputMode="decimal"
          autoComplete="off"
          defaultValue={known(currency)?.rate ?? ''}
          onChange={(event) => setTyped({ ...typed, [currency]: event.target.value })}
          hint={<Age rate={known(currency)} />}
          error={textOf(currency) === '' || isRate(textOf(currency)) ? undefined : 'not_positive'}
        />
      ))}
      <p className="text-muted text-pretty text-sm">{t('risk.rates.saveHint')}</p>
      <div>
        <Button type="submit" isBusy={put.isPending} disabled={!isWhole}>
          {t('risk.rates.save')}
        </Button>
      </div>
      <ProblemText error={put.error} />
    </form>
  );
}

const isRate = (text: string): boolean => isDecimal(text) && sign(text) > 0;

/** Since when a rate stands, and whether it still counts. */
function Age({ rate }: { rate: GroupRate | undefined }) {
  const t = useTranslations('risk.rates');
  if (!rate) return t('none');
  const { as_of, expires_at, fresh } = rate;
  const moments = {
    age: () => <Ago at={as_of} />,
    until: () => <Moment at={expires_at} format="short" />,
  };
  return fresh ? (
    t.rich('fresh', moments)
  ) : (
    <span className="text-caution">{t.rich('old', moments)}</span>
  );
}

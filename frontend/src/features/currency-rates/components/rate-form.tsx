import { useState } from 'react';
import { useTimeZone, useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { dayIn } from '@/lib/zone';
import { usePutCurrencyRate } from '../queries';
import { faultsOf, placeOf, RATE_FIELDS, type RateField, type Typed } from '../rate';

/** One rate of one day. Saved, the pair and the day stay for the next. */
export function RateForm() {
  const t = useTranslations('currencyRates');
  const today = dayIn(useTimeZone() ?? 'UTC', new Date());
  const put = usePutCurrencyRate();
  const [typed, setTyped] = useState<Typed>({
    currency: '',
    base_currency: '',
    day: today,
    rate: '',
  });
  const [saved, setSaved] = useState(0);
  const [isTried, setTried] = useState(false);
  const faults = faultsOf(typed);
  const refused = put.error instanceof ApiError ? put.error.fields : [];
  const faultOf = (field: RateField): string | undefined =>
    (isTried ? faults[field] : undefined) ?? refused.find((each) => each.field === field)?.code;

  function save(): void {
    setTried(true);
    if (Object.keys(faults).length > 0) return;
    put.mutate(placeOf(typed), {
      onSuccess: () => {
        setTyped({ ...typed, rate: '' });
        setTried(false);
        setSaved(saved + 1);
      },
    });
  }

  return (
    <form
      noValidate
      aria-label={t('form')}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className="grid grid-cols-2 gap-4">
        {RATE_FIELDS.map((field) => (
          <TextField
            key={field === 'rate' ? `rate ${saved}` : field}
            label={t(`fields.${field}`)}
            {...(field === 'rate' && { hint: t('rateHint'), inputMode: 'decimal' as const })}
            type={field === 'day' ? 'date' : 'text'}
            autoComplete="off"
            {...(field.endsWith('currency') && { maxLength: 10, autoCapitalize: 'characters' })}
            defaultValue={typed[field]}
            onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
            error={faultOf(field)}
          />
        ))}
      </div>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <Button type="submit" isBusy={put.isPending}>
          {t('save')}
        </Button>
        {put.isSuccess && typed.rate === '' && (
          <p role="status" className="text-safe">
            {t('saved')}
          </p>
        )}
      </div>
      {refused.length === 0 && <ProblemText error={put.error} />}
    </form>
  );
}

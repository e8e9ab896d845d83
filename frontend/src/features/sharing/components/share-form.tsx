import { useState } from 'react';
import { useTimeZone, useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { Account } from '@/api/types';
import { AccountTicks } from '@/components/account-ticks';
import { CurrencySelect } from '@/components/currency-select';
import { ProblemText } from '@/components/problem';
import { useSpanText } from '@/components/time';
import { Button } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { SelectField, TextField } from '@/components/ui/field';
import { SwitchRow } from '@/components/ui/switch';
import type { useCreateShare } from '../queries';
import { type Chosen, DELAYS, faultsOf, LIVES, shareOf, USUAL } from '../share';
import { SectionTicks } from './section-ticks';

interface ShareFormProps {
  accounts: Pick<Account, 'id' | 'name' | 'currency'>[];
  create: ReturnType<typeof useCreateShare>;
  onClose: () => void;
}

/** What a link is to show, for how long, and how late. */
export function ShareForm({ accounts, create, onClose }: ShareFormProps) {
  const t = useTranslations();
  const zone = useTimeZone() ?? 'UTC';
  const [chosen, setChosen] = useState<Chosen>(USUAL);
  const [isTried, setTried] = useState(false);
  const choose = (changes: Partial<Chosen>) => setChosen({ ...chosen, ...changes });
  const faults = faultsOf(chosen);
  const refused = create.error instanceof ApiError ? create.error.fields : [];
  const faultOf = (field: 'name' | 'to'): string | undefined =>
    (isTried ? faults[field] : undefined) ?? refused.find((each) => each.field === field)?.code;

  function submit(): void {
    setTried(true);
    if (Object.keys(faults).length === 0) create.mutate(shareOf(chosen, zone));
  }

  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextField
        label={t('shares.form.name')}
        hint={t('shares.form.nameHint')}
        autoComplete="off"
        maxLength={100}
        error={faultOf('name')}
        onChange={(event) => choose({ name: event.target.value })}
      />
      {accounts.length > 1 && (
        <AccountTicks
          label={t('shares.form.accounts')}
          accounts={accounts}
          ticked={chosen.accounts}
          onChange={(ticked) => choose({ accounts: ticked })}
        />
      )}
      <SectionTicks
        ticked={chosen.sections}
        isMissing={isTried && faults.sections !== undefined}
        onChange={(sections) => choose({ sections })}
      />
      <div className="grid grid-cols-2 gap-4">
        <TextField
          label={t('shares.form.from')}
          hint={t('common.optional')}
          type="date"
          onChange={(event) => choose({ from: event.target.value })}
        />
        <TextField
          label={t('shares.form.to')}
          hint={t('common.optional')}
          type="date"
          error={faultOf('to')}
          onChange={(event) => choose({ to: event.target.value })}
        />
        <Spans chosen={chosen} onChange={choose} />
      </div>
      <CurrencySelect
        label={t('shares.form.currency')}
        each={t('shares.form.eachCurrency')}
        currencies={accounts.map(({ currency }) => currency)}
        value={chosen.currency}
        onChange={(currency) => choose({ currency })}
      />
      <SwitchRow
        label={t('shares.form.money')}
        hint={t('shares.form.moneyHint')}
        isOn={chosen.isMoney}
        onChange={(isMoney) => choose({ isMoney })}
      />
      <SwitchRow
        label={t('shares.form.names')}
        hint={t('shares.form.namesHint')}
        isOn={chosen.isNamed}
        onChange={(isNamed) => choose({ isNamed })}
      />
      {refused.length === 0 && <ProblemText error={create.error} />}
      <DialogActions>
        <Button onClick={onClose} disabled={create.isPending}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          {t('shares.form.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}

interface SpansProps {
  chosen: Chosen;
  onChange: (changes: Partial<Chosen>) => void;
}

/** How long the link works, and how late it shows what happened. */
function Spans({ chosen, onChange }: SpansProps) {
  const t = useTranslations('shares.form');
  const span = useSpanText();
  return (
    <>
      <SelectField
        label={t('days')}
        value={chosen.days}
        onChange={(event) => onChange({ days: Number(event.currentTarget.value) })}
        options={LIVES.map((days) => ({ value: String(days), label: span(days * 86_400) }))}
      />
      <SelectField
        label={t('delay')}
        hint={t('delayHint')}
        value={chosen.delay}
        onChange={(event) => onChange({ delay: Number(event.currentTarget.value) })}
        options={DELAYS.map((minutes) => ({
          value: String(minutes),
          label: minutes === 0 ? t('noDelay') : span(minutes * 60),
        }))}
      />
    </>
  );
}

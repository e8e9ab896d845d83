import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { ProblemText } from '@/components/problem';
import { useSpanText } from '@/components/time';
import { Button } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { SelectField, TextField } from '@/components/ui/field';
import { RadioCards } from '@/components/ui/radio-cards';
import type { useCreatePersonalKey } from '../queries';

const SCOPES = ['read', 'trade'] as const;
/** How long a key may work, in days. */
const LIVES = [7, 30, 90, 365];

interface KeyFormProps {
  create: ReturnType<typeof useCreatePersonalKey>;
  onClose: () => void;
}

/** What a key may do, and for how long. */
export function KeyForm({ create, onClose }: KeyFormProps) {
  const t = useTranslations();
  const span = useSpanText();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<(typeof SCOPES)[number]>('read');
  const [days, setDays] = useState('90');
  const [password, setPassword] = useState('');
  const [isTried, setTried] = useState(false);
  const refused = create.error instanceof ApiError ? create.error.fields : [];
  const faultOf = (field: 'name' | 'password', text: string): string | undefined =>
    (isTried && text === '' ? 'required' : undefined) ??
    refused.find((each) => each.field === field)?.code;

  function submit(): void {
    setTried(true);
    if (name.trim() === '' || password === '') return;
    create.mutate({
      name: name.trim(),
      scopes: [scope],
      expires_in_days: Number(days),
      password,
    });
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
        label={t('personalKeys.form.name')}
        hint={t('personalKeys.form.nameHint')}
        autoComplete="off"
        maxLength={100}
        error={faultOf('name', name.trim())}
        onChange={(event) => setName(event.target.value)}
      />
      <RadioCards
        label={t('personalKeys.form.scope')}
        value={scope}
        onChange={setScope}
        cards={SCOPES.map((value) => ({
          value,
          title: t(`personalKeys.${value}`),
          hint: t(`personalKeys.form.${value}Hint`),
        }))}
      />
      <SelectField
        label={t('personalKeys.form.days')}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
        options={LIVES.map((each) => ({ value: String(each), label: span(each * 86_400) }))}
      />
      <TextField
        label={t('settings.address.password')}
        type="password"
        autoComplete="current-password"
        error={faultOf('password', password)}
        onChange={(event) => setPassword(event.target.value)}
      />
      {refused.length === 0 && <ProblemText error={create.error} />}
      <DialogActions>
        <Button onClick={onClose} disabled={create.isPending}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          {t('personalKeys.form.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}

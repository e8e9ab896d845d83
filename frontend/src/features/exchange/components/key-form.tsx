import { valibotResolver } from '@hookform/resolvers/valibot';
import { CircleDollarSign, FlaskConical } from 'lucide-react';
import { Controller, useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { ExchangeKey } from '@/api/types';
import { Button } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { SecretInput, TextField } from '@/components/ui/field';
import { RadioCards } from '@/components/ui/radio-cards';
import { usePutKey } from '../queries';
import { type KeyForm as Form, keySchema } from '../schema';
import { Refusal } from './refusal';

interface KeyFormProps {
  accountId: string;
  /** What is replaced: its environment stays. */
  present: ExchangeKey | null;
  onCancel: () => void;
  /** Proven, or still being asked about. */
  onTaken: (key: ExchangeKey) => void;
}

/** Key and secret of an account, and which of the exchange's two worlds they are for. */
export function KeyForm({ accountId, present, onCancel, onTaken }: KeyFormProps) {
  const t = useTranslations();
  const put = usePutKey(accountId);
  const form = useForm<Form>({
    resolver: valibotResolver(keySchema),
    defaultValues: { environment: present?.environment ?? 'demo', api_key: '', api_secret: '' },
  });
  const { errors } = form.formState;
  return (
    <form
      noValidate
      autoComplete="off"
      className="flex min-w-0 flex-col gap-4"
      onSubmit={form.handleSubmit((body) => put.mutate(body, { onSuccess: onTaken }))}
    >
      {!present && (
        <div>
          <Controller
            control={form.control}
            name="environment"
            render={({ field }) => (
              <RadioCards
                label={t('connect.environment')}
                value={field.value}
                onChange={field.onChange}
                cards={(['demo', 'live'] as const).map((value) => ({
                  value,
                  title: t(`connect.environments.${value}`),
                  hint: t(`connect.environments.${value}Hint`),
                  icon: value === 'demo' ? FlaskConical : CircleDollarSign,
                }))}
              />
            )}
          />
          <p className="mt-1.5 text-muted text-sm">{t('connect.environmentFixed')}</p>
        </div>
      )}
      <TextField
        label={t('connect.apiKey')}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        error={errors.api_key?.message}
        {...form.register('api_key')}
      />
      <SecretInput
        label={t('connect.secret')}
        hint={t('connect.secretHint')}
        error={errors.api_secret?.message}
        {...form.register('api_secret')}
      />
      <p role="status" className="text-muted text-sm empty:hidden">
        {put.isPending ? t('connect.checking') : ''}
      </p>
      {!put.isPending && <Refusal error={put.error} />}
      <DialogActions>
        <Button onClick={onCancel}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isBusy={put.isPending}>
          {t(present ? 'connect.submitReplace' : 'connect.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}

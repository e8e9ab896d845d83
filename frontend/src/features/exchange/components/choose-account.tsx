import { valibotResolver } from '@hookform/resolvers/valibot';
import { useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { RadioCards } from '@/components/ui/radio-cards';
import { useAddAccount, useUnconnected } from '../queries';
import { type VenueAccountForm as Form, venueAccountSchema } from '../schema';

const NEW = 'new';
const ROLES = ['follower', 'master', 'none'] as const;

interface ChooseAccountProps {
  accounts: Account[];
  onChoose: (accountId: string) => void;
  onCancel: () => void;
}

/** Which account gets the key: one without, or a new one. */
export function ChooseAccount({ accounts, onChoose, onCancel }: ChooseAccountProps) {
  const t = useTranslations();
  const free = useUnconnected(accounts);
  const [chosen, setChosen] = useState(free[0]?.id ?? NEW);
  return (
    <div className="flex flex-col gap-4">
      {free.length > 0 && (
        <RadioCards
          label={t('connect.which')}
          value={chosen}
          onChange={setChosen}
          cards={[
            ...free.map(({ id, name, copy_role }) => ({
              value: id,
              title: name,
              hint: t(`accounts.roles.${copy_role}`),
            })),
            { value: NEW, title: t('connect.newAccount'), hint: t('connect.newAccountHint') },
          ]}
        />
      )}
      {chosen === NEW ? (
        <NewAccount onCancel={onCancel} onCreated={onChoose} />
      ) : (
        <DialogActions>
          <Button onClick={onCancel}>{t('common.cancel')}</Button>
          <Button look="primary" onClick={() => onChoose(chosen)}>
            {t('connect.next')}
          </Button>
        </DialogActions>
      )}
    </div>
  );
}

interface NewAccountProps {
  onCancel: () => void;
  onCreated: (accountId: string) => void;
}

function NewAccount({ onCancel, onCreated }: NewAccountProps) {
  const t = useTranslations();
  const add = useAddAccount();
  const form = useForm<Form>({
    resolver: valibotResolver(venueAccountSchema),
    defaultValues: { name: '', copy_role: 'follower' },
  });

  function submit(values: Form): void {
    const body = { ...values, platform: 'bingx', currency: 'USDT' } as const;
    add.mutate(body, { onSuccess: ({ id }) => onCreated(id) });
  }

  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={form.handleSubmit(submit)}>
      <TextField
        label={t('connect.name')}
        autoComplete="off"
        error={form.formState.errors.name?.message}
        {...form.register('name')}
      />
      <Controller
        control={form.control}
        name="copy_role"
        render={({ field }) => (
          <RadioCards
            label={t('connect.role')}
            value={field.value}
            onChange={field.onChange}
            cards={ROLES.map((role) => ({
              value: role,
              title: t(`accounts.roles.${role}`),
              hint: t(`accounts.roleHints.${role}`),
            }))}
          />
        )}
      />
      <ProblemText error={add.error} />
      <DialogActions>
        <Button onClick={onCancel}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isBusy={add.isPending}>
          {t('connect.next')}
        </Button>
      </DialogActions>
    </form>
  );
}

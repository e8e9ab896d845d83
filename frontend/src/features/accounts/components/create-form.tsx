import { valibotResolver } from '@hookform/resolvers/valibot';
import { Controller, useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { CreateAccount } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { SelectField, TextField } from '@/components/ui/field';
import { RadioCards } from '@/components/ui/radio-cards';
import { showFaults } from '@/lib/forms';
import { presetNamed } from '../presets';
import type { useCreateAccount } from '../queries';
import { createSchema, type CreateForm as Form } from '../schema';
import { PresetField } from './preset-field';
import { ROLE_ICONS } from './role-badge';

const ROLES = ['master', 'follower', 'none'] as const;
const PLATFORMS = createSchema.entries.platform.options;

interface CreateFormProps {
  create: ReturnType<typeof useCreateAccount>;
  /** The account is being made, or what follows on it. */
  isBusy: boolean;
  onCancel: () => void;
  onCreated: (account: Form, created: { id: string; api_key: string | null }) => void;
}

export function CreateForm({ create, isBusy, onCancel, onCreated }: CreateFormProps) {
  const t = useTranslations();
  const form = useForm<Form>({
    resolver: valibotResolver(createSchema),
    defaultValues: {
      name: '',
      copy_role: 'master',
      platform: 'mt5',
      currency: 'USD',
      external_id: '',
      starting_balance: '',
      preset: '',
    },
  });
  const { errors } = form.formState;

  function submit(values: Form): void {
    create.mutate(bodyOf(values), {
      onSuccess: (created) => onCreated(values, created),
      onError: (error) => {
        const faults = error instanceof ApiError ? error.fields : [];
        showFaults(faults, ['name', 'external_id', 'currency', 'starting_balance'], form.setError);
      },
    });
  }

  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={form.handleSubmit(submit)}>
      <TextField
        label={t('accountForms.form.name')}
        hint={t('accountForms.form.nameHint')}
        autoComplete="off"
        error={errors.name?.message}
        {...form.register('name')}
      />
      <Controller
        control={form.control}
        name="copy_role"
        render={({ field }) => (
          <RadioCards
            label={t('accountForms.form.role')}
            value={field.value}
            onChange={field.onChange}
            cards={ROLES.map((role) => ({
              value: role,
              title: t(`accounts.roles.${role}`),
              hint: t(`accounts.roleHints.${role}`),
              icon: ROLE_ICONS[role],
            }))}
          />
        )}
      />
      <Controller
        control={form.control}
        name="platform"
        render={({ field }) => (
          <SelectField
            label={t('accountForms.form.platform')}
            options={PLATFORMS.map((value) => ({ value, label: t(`accounts.platforms.${value}`) }))}
            {...field}
          />
        )}
      />
      <TextField
        label={`${t('accountForms.form.externalId')} (${t('common.optional')})`}
        hint={t('accountForms.form.externalIdHint')}
        autoComplete="off"
        error={errors.external_id?.message}
        {...form.register('external_id')}
      />
      <PresetField form={form} />
      <div className="grid grid-cols-2 gap-4">
        <TextField
          label={`${t('accountForms.form.startingBalance')} (${t('common.optional')})`}
          inputMode="decimal"
          autoComplete="off"
          error={errors.starting_balance?.message}
          {...form.register('starting_balance')}
        />
        <TextField
          label={t('accountForms.form.currency')}
          autoComplete="off"
          error={errors.currency?.message}
          {...form.register('currency')}
        />
      </div>
      <ProblemText error={create.error} />
      <DialogActions>
        <Button onClick={onCancel} disabled={isBusy}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" look="primary" isBusy={isBusy}>
          {t('accountForms.form.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}

function bodyOf({ external_id, starting_balance, preset, ...rest }: Form): CreateAccount {
  const chosen = presetNamed(preset);
  return {
    ...rest,
    ...(external_id !== '' && { external_id }),
    ...(starting_balance !== '' && { starting_balance }),
    ...(chosen && {
      capital_level: chosen.capital_level,
      risk_tolerance: chosen.risk_tolerance,
      ...(rest.copy_role === 'follower' && { default_sizing: chosen.sizing }),
    }),
  };
}

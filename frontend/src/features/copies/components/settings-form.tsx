import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { Subscription } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Unsaved } from '@/components/ui/unsaved';
import { beginAnew, showFaults } from '@/lib/forms';
import { usePatchSubscription } from '../queries';
import {
  formFault,
  patchOf,
  SETTINGS_FIELDS,
  type SettingsValues,
  settingsSchema,
  valuesOf,
  withContract,
} from '../settings-values';
import { InstrumentFields, ProtectionFields, SizeFields, TradeFields } from './settings-fields';
import { SettingsSummary } from './settings-summary';
import type { FindContracts } from './settings-tab';

interface SettingsFormProps {
  subscription: Subscription;
  /** The follower trades at an exchange. */
  isVenue: boolean;
  contracts: FindContracts;
}

/** Every copy setting of one subscription, with what they do in words. */
export function SettingsForm({ subscription, isVenue, contracts }: SettingsFormProps) {
  const t = useTranslations('copySettings');
  const save = usePatchSubscription(subscription);
  const form = useForm<SettingsValues>({
    resolver: valibotResolver(settingsSchema),
    // What the server has, until something is typed.
    values: valuesOf(subscription.settings),
    resetOptions: { keepDirtyValues: true },
  });
  const { isDirty } = form.formState;

  function submit(values: SettingsValues): void {
    const sent = { ...form.getValues() };
    save.mutate(
      { settings: patchOf(values) },
      {
        onSuccess: ({ settings }) => beginAnew(form, valuesOf(settings), sent),
        onError: (error) => {
          const faults = error instanceof ApiError ? error.fields : [];
          showFaults(faults.map(formFault), SETTINGS_FIELDS, form.setError);
        },
      },
    );
  }

  return (
    <form
      noValidate
      aria-label={t('label', { name: subscription.master_name })}
      onSubmit={form.handleSubmit(submit)}
      className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]"
    >
      <div className="flex min-w-0 flex-col gap-6">
        <SizeFields form={form} />
        <TradeFields form={form} isVenue={isVenue} />
        <InstrumentFields
          form={form}
          isVenue={isVenue}
          contracts={
            isVenue &&
            contracts((chosen) => {
              const { symbol_map, units_per_lot } = withContract(form.getValues(), chosen);
              form.setValue('symbol_map', symbol_map, { shouldDirty: true });
              form.setValue('units_per_lot', units_per_lot, { shouldDirty: true });
            })
          }
        />
        <ProtectionFields form={form} isVenue={isVenue} />
      </div>
      <div className="flex flex-col gap-4 lg:sticky lg:top-18">
        <SettingsSummary values={form.watch()} />
        <div>
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="primary" isBusy={save.isPending} disabled={!isDirty}>
              {t('save')}
            </Button>
            {isDirty && <Button onClick={() => form.reset()}>{t('discard')}</Button>}
          </div>
          <p role="status" className="mt-2 text-muted text-sm">
            {save.isSuccess && !isDirty ? t('saved') : ''}
          </p>
          <ProblemText error={save.error} />
          <Unsaved when={isDirty} />
        </div>
      </div>
    </form>
  );
}

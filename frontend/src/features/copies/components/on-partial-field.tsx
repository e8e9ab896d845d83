import type { UseFormReturn } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { SelectField } from '@/components/ui/field';
import type { SettingsValues } from '../settings-values';

/** What a part that the master closes does to a copy in a terminal that cannot close a part. */
export function OnPartialField({ form }: { form: UseFormReturn<SettingsValues> }) {
  const t = useTranslations('copySettings');
  return (
    <div className="sm:max-w-72">
      <SelectField
        label={t('on_partial')}
        hint={t('on_partialHint')}
        options={(['close', 'ignore'] as const).map((value) => ({
          value,
          label: t(`onPartial.${value}`),
        }))}
        {...form.register('on_partial')}
      />
    </div>
  );
}

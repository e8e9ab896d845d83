import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import * as v from 'valibot';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { useSaveMe } from '../queries';

const schema = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1, 'required'), v.maxLength(100, 'too_long')),
});

export function NameForm({ name }: { name: string }) {
  const t = useTranslations();
  const save = useSaveMe();
  const form = useForm({ resolver: valibotResolver(schema), defaultValues: { name } });
  return (
    <form noValidate onSubmit={form.handleSubmit((body) => save.mutate(body))}>
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <TextField
            label={t('settings.name')}
            autoComplete="name"
            error={form.formState.errors.name?.message}
            {...form.register('name')}
          />
        </div>
        <div className="pt-[calc(1lh+6px)]">
          <Button type="submit" isBusy={save.isPending}>
            {t('common.save')}
          </Button>
        </div>
      </div>
      <ProblemText error={save.error} />
    </form>
  );
}

import { valibotResolver } from '@hookform/resolvers/valibot';
import { Link } from '@tanstack/react-router';
import { Controller, useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import * as v from 'valibot';
import { ApiError } from '@/api/problem';
import type { Account } from '@/api/types';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextAreaField, TextField } from '@/components/ui/field';
import { SwitchRow } from '@/components/ui/switch';
import { beginAnew, showFaults } from '@/lib/forms';
import { usePatchAccount } from '../queries';

const listingSchema = v.pipe(
  v.object({
    is_public: v.boolean(),
    slug: v.pipe(v.string(), v.trim(), v.check(isSlug, 'invalid_slug')),
    description: v.pipe(v.string(), v.trim(), v.maxLength(2000, 'too_long')),
    needs_approval: v.boolean(),
  }),
  v.forward(
    v.check(({ is_public, slug }) => !is_public || slug !== '', 'required'),
    ['slug'],
  ),
);
type Values = v.InferOutput<typeof listingSchema>;

/** Whether a master is in the directory, what it says there, and who may follow. */
export function Listing({ account }: { account: Account }) {
  const t = useTranslations('listing');
  const patch = usePatchAccount(account.id);
  const form = useForm<Values>({
    resolver: valibotResolver(listingSchema),
    values: valuesOf(account),
    resetOptions: { keepDirtyValues: true },
  });
  const { errors, isDirty } = form.formState;

  function submit({ slug, description, ...rest }: Values): void {
    const sent = { ...form.getValues() };
    patch.mutate(
      { ...rest, slug: slug || null, description: description || null },
      {
        onSuccess: (saved) => beginAnew(form, valuesOf(saved), sent),
        onError: (error) => {
          const faults = error instanceof ApiError ? error.fields : [];
          showFaults(faults, ['slug', 'description'], form.setError);
        },
      },
    );
  }

  const see = account.is_public && account.slug && (
    <Link
      to="/m/$slug"
      params={{ slug: account.slug }}
      className="mr-2 text-accent hover:underline"
    >
      {t('see')}
    </Link>
  );
  return (
    <Card title={t('title')} aside={see}>
      <form noValidate className="flex flex-col gap-4" onSubmit={form.handleSubmit(submit)}>
        {(['is_public', 'needs_approval'] as const).map((name) => (
          <Controller
            key={name}
            control={form.control}
            name={name}
            render={({ field }) => (
              <SwitchRow
                label={t(name)}
                hint={t(`${name}Hint`)}
                isOn={field.value}
                onChange={field.onChange}
              />
            )}
          />
        ))}
        <TextField
          label={t('slug')}
          hint={t('slugHint')}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          error={errors.slug?.message}
          {...form.register('slug')}
        />
        <TextAreaField
          label={t('description')}
          hint={t('descriptionHint')}
          rows={3}
          error={errors.description?.message}
          {...form.register('description')}
        />
        <ProblemText error={patch.error} />
        {isDirty && (
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="primary" isBusy={patch.isPending}>
              {t('save')}
            </Button>
            <Button onClick={() => form.reset()}>{t('discard')}</Button>
          </div>
        )}
      </form>
    </Card>
  );
}

/** Empty, or 3 to 40 small letters, digits and single hyphens. */
function isSlug(text: string): boolean {
  if (text === '') return true;
  return text.length >= 3 && text.length <= 40 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text);
}

function valuesOf({ is_public, slug, description, needs_approval }: Account): Values {
  return {
    is_public,
    slug: slug ?? '',
    description: description ?? '',
    needs_approval: needs_approval ?? false,
  };
}

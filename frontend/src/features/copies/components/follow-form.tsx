import { valibotResolver } from '@hookform/resolvers/valibot';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import * as v from 'valibot';
import type { Account } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { SizingChoice } from '@/components/sizing-choice';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { offeredSizing, sizingFault } from '@/lib/offered-sizing';
import { useFollow } from '../queries';
import { FollowPreview } from './follow-preview';

const TOKEN = /^MST-[0-9a-f]{32}$/;
const schema = v.object({
  master_token: v.pipe(v.string(), v.trim(), v.regex(TOKEN, 'invalid_master_token')),
});

type Form = v.InferOutput<typeof schema>;

interface FollowFormProps {
  account: Account;
  /** It trades at an exchange, where orders wait for their turn. */
  isVenue: boolean;
  onDone?: () => void;
}

/** Follows the master of a token. */
export function FollowForm({ account, isVenue, onDone }: FollowFormProps) {
  const t = useTranslations('follow');
  const follow = useFollow(account.id);
  const [sizing, setSizing] = useState(() => offeredSizing(account));
  const isSized = sizing === null || sizingFault(sizing) === undefined;
  const form = useForm<Form>({
    resolver: valibotResolver(schema),
    defaultValues: { master_token: '' },
  });

  const token = form.watch('master_token').trim();

  function submit({ master_token }: Form): void {
    follow.mutate(
      { master_token, sizing },
      {
        onSuccess: () => {
          form.reset();
          onDone?.();
        },
      },
    );
  }

  return (
    <form noValidate onSubmit={form.handleSubmit(submit)}>
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-48 flex-1">
          <TextField
            label={t('token')}
            placeholder="MST-…"
            autoComplete="off"
            spellCheck={false}
            error={form.formState.errors.master_token?.message}
            {...form.register('master_token')}
          />
        </div>
        <div className="pt-[calc(1lh+6px)]">
          <Button type="submit" look="primary" isBusy={follow.isPending} disabled={!isSized}>
            {t('submit')}
          </Button>
        </div>
      </div>
      {sizing && <SizingChoice sizing={sizing} onChange={setSizing} />}
      {isVenue && TOKEN.test(token) && (
        <FollowPreview accountId={account.id} master={{ master_token: token }} />
      )}
      <ProblemText error={follow.error} />
    </form>
  );
}

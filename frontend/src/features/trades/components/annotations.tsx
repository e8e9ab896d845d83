import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Trade } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextAreaField, TextField } from '@/components/ui/field';
import { usePatchTrade } from '../edits';
import { tagsOf } from '../tags';

/** Tags and notes: what the owner adds to a trade, whatever it came from. */
export function Annotations({ trade }: { trade: Trade }) {
  const t = useTranslations();
  const save = usePatchTrade(trade.id);
  const before = { tags: trade.tags.join(', '), notes: trade.notes ?? '' };
  const [tags, setTags] = useState(before.tags);
  const [notes, setNotes] = useState(before.notes);
  const isChanged = tags !== before.tags || notes !== before.notes;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ tags: tagsOf(tags), notes: notes.trim() || null });
      }}
    >
      <TextField
        label={t('trades.detail.tags')}
        hint={t('trades.form.tagsHint')}
        autoComplete="off"
        defaultValue={before.tags}
        onChange={(event) => setTags(event.currentTarget.value)}
      />
      <TextAreaField
        label={t('trades.detail.notes')}
        rows={4}
        maxLength={10_000}
        defaultValue={before.notes}
        onChange={(event) => setNotes(event.currentTarget.value)}
      />
      <ProblemText error={save.error} />
      <div>
        <Button type="submit" disabled={!isChanged} isBusy={save.isPending}>
          {t('common.save')}
        </Button>
      </div>
    </form>
  );
}

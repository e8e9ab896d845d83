import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { PatchTrade, Trade } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { TextAreaField, TextField } from '@/components/ui/field';
import { Unsaved } from '@/components/ui/unsaved';
import { usePatchTrade } from '../edits';
import { tagsOf } from '../tags';

interface Annotated {
  tags: string;
  notes: string;
}

/** What was typed, and what stood there when that began. */
type Typed = { [Field in keyof Annotated]?: { was: string; is: string } };

const annotatedOf = (trade: Trade): Annotated => ({
  tags: trade.tags.join(', '),
  notes: trade.notes ?? '',
});

/** Only what was typed, and says something else than the server has: the rest may be newer there. */
function changesOf({ tags, notes }: Typed, now: Annotated): PatchTrade {
  const changes: PatchTrade = {};
  if (tags && tagsOf(tags.is).join() !== tagsOf(now.tags).join()) changes.tags = tagsOf(tags.is);
  if (notes && notes.is.trim() !== now.notes.trim()) changes.notes = notes.is.trim() || null;
  return changes;
}

/** Tags and notes: what the owner adds to a trade, whatever it came from. */
export function Annotations({ trade }: { trade: Trade }) {
  const t = useTranslations();
  const save = usePatchTrade(trade.id);
  const [typed, setTyped] = useState<Typed>({});
  const now = annotatedOf(trade);
  const changes = changesOf(typed, now);
  const isChanged = Object.keys(changes).length > 0;
  const type = (field: keyof Annotated, is: string) =>
    setTyped({ ...typed, [field]: { was: typed[field]?.was ?? now[field], is } });
  // What somebody wrote on another device stays readable until it is written over.
  const elsewhere = (field: keyof Annotated) =>
    field in changes && typed[field]?.was !== now[field] && now[field] !== ''
      ? t('trades.detail.elsewhere', { text: now[field] })
      : undefined;

  function submit(): void {
    const sent = typed;
    save.mutate(changes, {
      // What was typed since stays.
      onSuccess: (saved) => setTyped((latest) => typedSince(latest, sent, annotatedOf(saved))),
    });
  }

  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) submit();
      }}
    >
      <TextField
        label={t('trades.detail.tags')}
        hint={elsewhere('tags') ?? t('trades.form.tagsHint')}
        autoComplete="off"
        value={typed.tags?.is ?? now.tags}
        onChange={(event) => type('tags', event.currentTarget.value)}
      />
      <TextAreaField
        label={t('trades.detail.notes')}
        hint={elsewhere('notes')}
        rows={4}
        maxLength={10_000}
        value={typed.notes?.is ?? now.notes}
        onChange={(event) => type('notes', event.currentTarget.value)}
      />
      <ProblemText error={save.error} />
      <Unsaved when={isChanged} />
      <div>
        <Button type="submit" disabled={!isChanged} isBusy={save.isPending}>
          {t('common.save')}
        </Button>
      </div>
    </form>
  );
}

/** What was typed after this was sent, seen against what was saved. */
function typedSince(latest: Typed, sent: Typed, saved: Annotated): Typed {
  const left: Typed = {};
  for (const field of ['tags', 'notes'] as const) {
    const each = latest[field];
    if (each && each.is !== sent[field]?.is) left[field] = { was: saved[field], is: each.is };
  }
  return left;
}

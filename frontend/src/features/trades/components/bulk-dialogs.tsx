import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { BulkAnswer, Trade } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { isByHand } from '../by-hand';
import { useDeleteTrades, useTagTrades } from '../edits';
import { tagsOf } from '../tags';

interface AskProps {
  isOpen: boolean;
  onClose: () => void;
  onDone: (answer: BulkAnswer) => void;
}

/** Puts tags on trades and takes tags off them. */
export function TagDialog({ isOpen, ids, onClose, onDone }: AskProps & { ids: string[] }) {
  const t = useTranslations();
  const tag = useTagTrades();
  const [add, setAdd] = useState('');
  const [remove, setRemove] = useState('');
  const body = { ids, add: tagsOf(add), remove: tagsOf(remove) };
  const isEmpty = body.add.length + body.remove.length === 0;
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t('trades.bulk.tagTitle', { count: ids.length })}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          tag.mutate(body, { onSuccess: onDone });
        }}
      >
        <TextField
          label={t('trades.bulk.add')}
          hint={t('trades.form.tagsHint')}
          autoComplete="off"
          onChange={(event) => setAdd(event.currentTarget.value)}
        />
        <TextField
          label={t('trades.bulk.remove')}
          autoComplete="off"
          onChange={(event) => setRemove(event.currentTarget.value)}
        />
        <ProblemText error={tag.error} />
        <DialogActions>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" look="primary" disabled={isEmpty} isBusy={tag.isPending}>
            {t('common.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Deletes those that a person made. */
export function DeleteDialog({ isOpen, trades, onClose, onDone }: AskProps & { trades: Trade[] }) {
  const t = useTranslations('trades.bulk');
  const common = useTranslations('common');
  const remove = useDeleteTrades();
  const mine = trades.filter(isByHand);
  const kept = trades.length - mine.length;
  // Those that are being deleted leave the list before the answer is heard.
  if (mine.length === 0 && !remove.isPending) {
    return (
      <Dialog
        isOpen={isOpen}
        onClose={onClose}
        title={t('deleteTitle', { count: 0 })}
        description={t('kept', { count: kept })}
      >
        <DialogActions>
          <Button onClick={onClose}>{common('cancel')}</Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(
          mine.map(({ id }) => id),
          { onSuccess: onDone },
        )
      }
      title={t('deleteTitle', { count: mine.length })}
      consequence={`${t('deleteText')} ${kept > 0 ? t('kept', { count: kept }) : ''}`}
      verb={t('delete')}
      isBusy={remove.isPending}
      error={remove.error}
    />
  );
}

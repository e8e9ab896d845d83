import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { multiply } from '@/lib/decimal';
import { useSetSlippage } from '../queries';
import { type SlippageForm as Form, slippageSchema } from '../schema';

interface SlippageDialogProps {
  account: Account;
  /** A fraction; null: as usual. */
  slippage: string | null;
  isOpen: boolean;
  onClose: () => void;
}

export function SlippageDialog({ account, slippage, isOpen, onClose }: SlippageDialogProps) {
  const t = useTranslations('connections.slippage');
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t('title', { name: account.name })}
      description={t('text')}
    >
      <SlippageForm accountId={account.id} slippage={slippage} onClose={onClose} />
    </Dialog>
  );
}

interface SlippageFormProps {
  accountId: string;
  slippage: string | null;
  onClose: () => void;
}

function SlippageForm({ accountId, slippage, onClose }: SlippageFormProps) {
  const t = useTranslations();
  const save = useSetSlippage(accountId);
  const form = useForm<Form>({
    resolver: valibotResolver(slippageSchema),
    defaultValues: { percent: slippage === null ? '' : multiply(slippage, '100') },
  });
  return (
    <form
      noValidate
      onSubmit={form.handleSubmit((values) =>
        save.mutate(values.percent === '' ? null : multiply(values.percent, '0.01'), {
          onSuccess: onClose,
        }),
      )}
    >
      <TextField
        label={t('connections.slippage.field')}
        hint={t('connections.slippage.hint')}
        inputMode="decimal"
        autoComplete="off"
        error={form.formState.errors.percent?.message}
        {...form.register('percent')}
      />
      <ProblemText error={save.error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isBusy={save.isPending}>
          {t('connections.slippage.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}

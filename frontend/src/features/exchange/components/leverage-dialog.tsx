import { valibotResolver } from '@hookform/resolvers/valibot';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { Account } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { useSetLeverage } from '../queries';
import { type LeverageForm as Form, leverageSchema } from '../schema';

interface LeverageDialogProps {
  account: Account;
  leverage: number;
  isOpen: boolean;
  onClose: () => void;
}

export function LeverageDialog({ account, leverage, isOpen, onClose }: LeverageDialogProps) {
  const t = useTranslations('connections.leverage');
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t('title', { name: account.name })}
      description={t('text')}
    >
      <LeverageForm accountId={account.id} leverage={leverage} onClose={onClose} />
    </Dialog>
  );
}

interface LeverageFormProps {
  accountId: string;
  leverage: number;
  onClose: () => void;
}

function LeverageForm({ accountId, leverage, onClose }: LeverageFormProps) {
  const t = useTranslations();
  const save = useSetLeverage(accountId);
  const form = useForm<Form>({
    resolver: valibotResolver(leverageSchema),
    defaultValues: { leverage: String(leverage) },
  });
  const words = save.error instanceof ApiError ? save.error.fields[0]?.detail : undefined;
  return (
    <form
      noValidate
      onSubmit={form.handleSubmit((values) =>
        save.mutate(Number(values.leverage), { onSuccess: onClose }),
      )}
    >
      <TextField
        label={t('connections.leverage.field')}
        hint={t('connections.leverage.hint')}
        inputMode="numeric"
        autoComplete="off"
        error={form.formState.errors.leverage?.message}
        {...form.register('leverage')}
      />
      <ProblemText error={save.error} />
      {words !== undefined && (
        <p className="mt-1 text-muted text-sm">{t('refusals.said', { text: words })}</p>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isBusy={save.isPending}>
          {t('connections.leverage.submit')}
        </Button>
      </DialogActions>
    </form>
  );
}

import { Ban, OctagonX } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, StopCopying } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { SelectField } from '@/components/ui/field';
import { RadioCards } from '@/components/ui/radio-cards';
import { useStop } from '../queries';

interface StopDialogProps {
  isOpen: boolean;
  onClose: () => void;
  /** Accounts that copy or lead. */
  accounts: Account[];
  /** It was asked for: its progress can be shown. */
  onAsked: (operationId: string) => void;
}

type Scope = 'all' | 'account';
type Action = 'stop_new' | 'flatten';

/** Asks where and what, says the consequence, and asks once. */
export function StopDialog({ isOpen, onClose, accounts, onAsked }: StopDialogProps) {
  const t = useTranslations('stop');
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('title')}>
      {isOpen && <StopForm onClose={onClose} accounts={accounts} onAsked={onAsked} />}
    </Dialog>
  );
}

function StopForm({ onClose, accounts, onAsked }: Omit<StopDialogProps, 'isOpen'>) {
  const t = useTranslations();
  const [scope, setScope] = useState<Scope>('all');
  const [action, setAction] = useState<Action>('stop_new');
  const [accountId, setAccountId] = useState(accounts[0]?.id ?? '');
  const stop = useStop();
  const account = accounts.find(({ id }) => id === accountId);
  const body: StopCopying =
    scope === 'all' ? { scope, action } : { scope, action, account_id: accountId };

  return (
    <>
      <div className="flex flex-col gap-4">
        <ScopeChoice value={scope} onChange={setScope} hasAccounts={accounts.length > 0} />
        {scope === 'account' && (
          <SelectField
            label={t('stop.account')}
            value={accountId}
            onChange={(event) => setAccountId(event.target.value)}
            options={accounts.map(({ id, name, copy_role }) => ({
              value: id,
              label: `${name} · ${t(`accounts.roles.${copy_role}`)}`,
            }))}
          />
        )}
        <ActionChoice value={action} onChange={setAction} />
      </div>
      <div className="mt-4 border-line border-t pt-4 text-pretty">
        <p>{t(`stop.consequence.${action}`)}</p>
        {scope === 'account' && account?.copy_role === 'master' && (
          <p className="mt-2 text-muted">{t('stop.consequence.master')}</p>
        )}
      </div>
      <ProblemText error={stop.error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button
          look="danger"
          isBusy={stop.isPending}
          onClick={() => stop.mutate(body, { onSuccess: ({ id }) => onAsked(id) })}
        >
          {t(`stop.verbs.${action}`)}
        </Button>
      </DialogActions>
    </>
  );
}

interface ChoiceProps<Value> {
  value: Value;
  onChange: (value: Value) => void;
}

function ScopeChoice({
  value,
  onChange,
  hasAccounts,
}: ChoiceProps<Scope> & { hasAccounts: boolean }) {
  const t = useTranslations('stop');
  const scopes: Scope[] = hasAccounts ? ['all', 'account'] : ['all'];
  return (
    <RadioCards
      label={t('where')}
      value={value}
      onChange={onChange}
      cards={scopes.map((scope) => ({
        value: scope,
        title: t(`scopes.${scope}`),
        hint: t(`scopeHints.${scope}`),
      }))}
    />
  );
}

function ActionChoice({ value, onChange }: ChoiceProps<Action>) {
  const t = useTranslations('stop');
  const icons = { stop_new: Ban, flatten: OctagonX };
  const actions: Action[] = ['stop_new', 'flatten'];
  return (
    <RadioCards
      label={t('what')}
      value={value}
      onChange={onChange}
      cards={actions.map((action) => ({
        value: action,
        title: t(`actions.${action}`),
        hint: t(`actionHints.${action}`),
        icon: icons[action],
      }))}
    />
  );
}

import { Ban, OctagonX } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, Group, StopCopying } from '@/api/types';
import { useChoice } from '@/components/choice';
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
  groups: Group[];
  /** The group that is chosen at first; everything otherwise. */
  groupId?: string | undefined;
  /** It was asked for: its progress can be shown. */
  onAsked: (operationId: string) => void;
}

type Scope = StopCopying['scope'];
type Action = 'stop_new' | 'flatten';

/** Asks where and what, says the consequence, and asks once. */
export function StopDialog({ isOpen, onClose, ...form }: StopDialogProps) {
  const t = useTranslations('stopping');
  const stop = useStop();

  function close(): void {
    stop.reset();
    onClose();
  }

  return (
    // Closed meanwhile it would stop all the same, and nobody would hear what came of it.
    <Dialog isOpen={isOpen} onClose={close} isBusy={stop.isPending} title={t('title')}>
      {isOpen && <StopForm stop={stop} onClose={close} {...form} />}
    </Dialog>
  );
}

interface FormProps extends Omit<StopDialogProps, 'isOpen'> {
  stop: ReturnType<typeof useStop>;
}

function StopForm({ stop, onClose, accounts, groups, groupId, onAsked }: FormProps) {
  const t = useTranslations();
  const [scope, setScope] = useState<Scope>(groupId === undefined ? 'all' : 'group');
  const [action, setAction] = useState<Action>('stop_new');
  const [accountId, setAccountId] = useChoice(accounts[0]?.id);
  const [chosenGroup, setChosenGroup] = useChoice(groupId ?? groups[0]?.id);
  const body: StopCopying = {
    scope,
    action,
    ...(scope === 'account' && { account_id: accountId }),
    ...(scope === 'group' && { group_id: chosenGroup }),
  };
  const members = groups.find(({ id }) => id === chosenGroup)?.account_ids ?? [];
  const stopped: readonly string[] = { all: [], account: [accountId], group: members }[scope];
  const leads = accounts.some(
    ({ id, copy_role }) => copy_role === 'master' && stopped.includes(id),
  );

  return (
    <>
      <div className="flex flex-col gap-4">
        <ScopeChoice
          value={scope}
          onChange={setScope}
          scopes={[
            'all',
            ...(groups.length > 0 ? (['group'] as const) : []),
            ...(accounts.length > 0 ? (['account'] as const) : []),
          ]}
        />
        {scope === 'group' && (
          <SelectField
            label={t('stopping.group')}
            value={chosenGroup}
            onChange={(event) => setChosenGroup(event.target.value)}
            options={groups.map(({ id, name, account_ids }) => ({
              value: id,
              label: `${name} · ${t('accounts.count', { count: account_ids.length })}`,
            }))}
          />
        )}
        {scope === 'account' && (
          <SelectField
            label={t('stopping.account')}
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
        <p>{t(`stopping.consequence.${action}`)}</p>
        {scope === 'group' && <p className="mt-2">{t('stopping.consequence.group')}</p>}
        {leads && (
          <p className="mt-2 text-muted">
            {t(scope === 'group' ? 'stopping.consequence.masters' : 'stopping.consequence.master')}
          </p>
        )}
      </div>
      <ProblemText error={stop.error} />
      <DialogActions>
        <Button onClick={onClose} disabled={stop.isPending}>
          {t('common.cancel')}
        </Button>
        <Button
          look="danger"
          isBusy={stop.isPending}
          onClick={() => stop.mutate(body, { onSuccess: ({ id }) => onAsked(id) })}
        >
          {t(`stopping.verbs.${action}`)}
        </Button>
      </DialogActions>
    </>
  );
}

interface ChoiceProps<Value> {
  value: Value;
  onChange: (value: Value) => void;
}

function ScopeChoice({ value, onChange, scopes }: ChoiceProps<Scope> & { scopes: Scope[] }) {
  const t = useTranslations('stopping');
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
  const t = useTranslations('stopping');
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

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Dialog } from '@/components/ui/dialog';
import { firstPhase, presetNamed } from '../presets';
import { type FirstRules, useCreateAccount, useWriteRules } from '../queries';
import type { CreateForm as Form } from '../schema';
import { CreateForm } from './create-form';
import { KeyDialog } from './key-dialog';
import { RulesMissing } from './rules-missing';

interface NewAccountProps {
  isOpen: boolean;
  onClose: () => void;
  /** It trades through an exchange's API: no terminal needs its key. */
  onVenue: (accountId: string) => void;
}

interface Made {
  id: string;
  account: Form;
  apiKey: string | null;
}

/** One whose rules could not be written, and how to try again. */
interface Unruled {
  made: Made;
  rules: FirstRules;
}

/**
 * The form of a new account, the rules that its preset sets, and then its key. Must
 * outlive the list's empty state, which the new account ends: the key is shown only once.
 */
export function NewAccount({ isOpen, onClose, onVenue }: NewAccountProps) {
  const t = useTranslations('accountForms');
  const create = useCreateAccount();
  const write = useWriteRules();
  const isBusy = create.isPending || write.isPending;
  const [created, setCreated] = useState<{ account: Form; apiKey: string } | null>(null);
  const [unruled, setUnruled] = useState<Unruled | null>(null);

  function close(): void {
    create.reset();
    onClose();
  }

  function show({ id, account, apiKey }: Made): void {
    setUnruled(null);
    if (apiKey === null) {
      onVenue(id);
      return;
    }
    onClose();
    setCreated({ account, apiKey });
  }

  /** Whatever becomes of its rules, there is an account with a key. */
  function begin(made: Made): void {
    const preset = presetNamed(made.account.preset);
    if (!preset) {
      show(made);
      return;
    }
    const rules: FirstRules = {
      accountId: made.id,
      phase: firstPhase(preset, made.account),
    };
    write.mutate(rules, {
      onSuccess: () => show(made),
      onError: () => {
        onClose();
        setUnruled({ made, rules });
      },
    });
  }

  return (
    <>
      <Dialog isOpen={isOpen} onClose={close} isBusy={isBusy} title={t('form.title')}>
        <CreateForm
          create={create}
          isBusy={isBusy}
          onCancel={close}
          onCreated={(account, { id, api_key: apiKey }) => begin({ id, account, apiKey })}
        />
      </Dialog>
      {unruled && (
        <RulesMissing
          name={unruled.made.account.name}
          error={write.error}
          isBusy={write.isPending}
          onRetry={() => write.mutate(unruled.rules, { onSuccess: () => show(unruled.made) })}
          onSkip={() => show(unruled.made)}
        />
      )}
      {created && (
        <KeyDialog
          account={created.account}
          title={t('created.title', { name: created.account.name })}
          apiKey={created.apiKey}
          onClose={() => setCreated(null)}
        />
      )}
    </>
  );
}

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Dialog } from '@/components/ui/dialog';
import type { CreateForm as Form } from '../schema';
import { CreateForm } from './create-form';
import { KeyDialog } from './key-dialog';

interface NewAccountProps {
  isOpen: boolean;
  onClose: () => void;
  /** It trades through an exchange's API: no terminal needs its key. */
  onVenue: (accountId: string) => void;
}

/**
 * The form of a new account, and then its key. Must outlive the list's empty
 * state, which the new account ends: the key is shown only once.
 */
export function NewAccount({ isOpen, onClose, onVenue }: NewAccountProps) {
  const t = useTranslations('accountForms');
  const [created, setCreated] = useState<{ account: Form; apiKey: string } | null>(null);

  return (
    <>
      <Dialog isOpen={isOpen} onClose={onClose} title={t('form.title')}>
        <CreateForm
          onCancel={onClose}
          onCreated={(account, { id, api_key: apiKey }) => {
            if (apiKey === null) return onVenue(id);
            onClose();
            setCreated({ account, apiKey });
          }}
        />
      </Dialog>
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

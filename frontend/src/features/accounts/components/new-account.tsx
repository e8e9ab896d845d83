import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import type { CreateForm as Form } from '../schema';
import { CreateForm } from './create-form';
import { KeyDialog } from './key-dialog';

/** The button that adds an account, its form, and then the key. */
export function NewAccount() {
  const t = useTranslations('accounts');
  const [isOpen, setOpen] = useState(false);
  const [created, setCreated] = useState<{ account: Form; apiKey: string } | null>(null);

  return (
    <>
      <Button look="primary" icon={Plus} onClick={() => setOpen(true)}>
        {t('add')}
      </Button>
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title={t('form.title')}>
        <CreateForm
          onCancel={() => setOpen(false)}
          onCreated={(account, apiKey) => {
            setOpen(false);
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

import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { TimeZoneNote } from '@/components/time';
import { Button } from '@/components/ui/button';
import { AccountList } from '@/features/accounts/components/account-list';
import { NewAccount } from '@/features/accounts/components/new-account';

export function AccountsPage() {
  const t = useTranslations('accounts');
  const [isAdding, setAdding] = useState(false);
  const add = (
    <Button look="primary" icon={Plus} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={add} />
      <AccountList add={add} />
      <NewAccount isOpen={isAdding} onClose={() => setAdding(false)} />
      <TimeZoneNote />
    </>
  );
}

import { useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { TimeZoneNote } from '@/components/time';
import { AccountList } from '@/features/accounts/components/account-list';
import { NewAccount } from '@/features/accounts/components/new-account';

export function AccountsPage() {
  const t = useTranslations('accounts');
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={<NewAccount />} />
      <AccountList />
      <TimeZoneNote />
    </>
  );
}

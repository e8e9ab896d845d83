import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { isVenue } from '@/lib/venues';
import { accountsQuery } from '../queries';
import { ApiKey } from './credentials';

/** The keys of all accounts, with what one does with a key. */
export function AccountKeys() {
  const t = useTranslations('settings.accountKeys');
  const accounts = useQuery(accountsQuery);
  // What no terminal speaks for has none.
  const shown = accounts.data?.items.filter((account) => !isVenue(account)) ?? [];
  return (
    <Card title={t('title')}>
      {accounts.isPending && <Loading rows={2} />}
      {accounts.isError && (
        <Failure error={accounts.error} onRetry={() => void accounts.refetch()} />
      )}
      {accounts.isSuccess && shown.length === 0 && (
        <p className="text-pretty text-muted">{t('none')}</p>
      )}
      {shown.length > 0 && (
        <>
          <p className="mb-3 text-pretty text-muted">{t('hint')}</p>
          <ul className="flex flex-col gap-4">
            {shown.map((account) => (
              <li key={account.id}>
                <ApiKey account={account} label={account.name} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Card, PageHeader } from '@/components/page';
import { Loading } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { Button } from '@/components/ui/button';
import { AccountList } from '@/features/accounts/components/account-list';
import { AccountRoom } from '@/features/risk/components/account-room';
import { FleetBar } from '@/features/risk/components/fleet-bar';
import { useFleetAwaited } from '@/features/risk/fleet-awaited';
import { KeyMark, VenueBadge } from '../venue-badge';

/** With its form, when somebody asks for it. */
const NewAccount = lazy(async () => {
  const { NewAccount } = await import('@/features/accounts/components/new-account');
  return { default: NewAccount };
});

export function AccountsPage() {
  const t = useTranslations('accounts');
  const navigate = useNavigate();
  const isAwaited = useFleetAwaited();
  const [isAdding, setAdding] = useState(false);
  const [wasAsked, setAsked] = useState(false);
  function ask(): void {
    setAdding(true);
    setAsked(true);
  }
  const add = (
    <Button look="primary" icon={Plus} onClick={ask}>
      {t('add')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={add} />
      <FleetBar />
      {isAwaited ? (
        <Card isFlush>
          <Loading />
        </Card>
      ) : (
        <AccountList
          add={add}
          badge={(account) => (
            <>
              <VenueBadge account={account} />
              <KeyMark account={account} />
            </>
          )}
          room={(accountId) => <AccountRoom accountId={accountId} />}
        />
      )}
      {wasAsked && (
        <Suspense fallback={null}>
          <NewAccount
            isOpen={isAdding}
            onClose={() => setAdding(false)}
            onVenue={(accountId) => {
              setAdding(false);
              void navigate({ to: '/connections', search: { connect: accountId } });
            }}
          />
        </Suspense>
      )}
      <TimeZoneNote />
    </>
  );
}

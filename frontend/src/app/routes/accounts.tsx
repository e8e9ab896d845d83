import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { NoValue } from '@/components/figures';
import { PageHeader } from '@/components/page';
import { TimeZoneNote } from '@/components/time';
import { Button } from '@/components/ui/button';
import { AccountList } from '@/features/accounts/components/account-list';
import { KeyMark, VenueBadge } from '../venue-badge';

/** With its form, when somebody asks for it. */
const NewAccount = lazy(async () => {
  const { NewAccount } = await import('@/features/accounts/components/new-account');
  return { default: NewAccount };
});

/** After the list: nobody waits for it who has no rules yet. */
const FleetBar = lazy(async () => {
  const { FleetBar } = await import('@/features/risk/components/fleet-bar');
  return { default: FleetBar };
});

const AccountRoom = lazy(async () => {
  const { AccountRoom } = await import('@/features/risk/components/account-room');
  return { default: AccountRoom };
});

export function AccountsPage() {
  const t = useTranslations('accounts');
  const navigate = useNavigate();
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
      <Suspense fallback={null}>
        <FleetBar />
      </Suspense>
      <AccountList
        add={add}
        badge={(account) => (
          <>
            <VenueBadge account={account} />
            <KeyMark account={account} />
          </>
        )}
        room={(accountId) => (
          <Suspense fallback={<NoValue />}>
            <AccountRoom accountId={accountId} />
          </Suspense>
        )}
      />
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

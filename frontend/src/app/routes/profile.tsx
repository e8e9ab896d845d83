import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Settings } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { exchangeKeysQuery } from '@/features/exchange/known-keys';
import { meQuery } from '@/features/session/queries';
import { ProfileFacts } from '@/features/settings/components/profile-facts';
import { OwnResults } from '@/features/stats/components/own-results';
import { useCounted } from '../counted';

export function ProfilePage() {
  const t = useTranslations('settings');
  const me = useQuery(meQuery);
  const accounts = useQuery(accountsQuery).data?.items;
  const counted = useCounted();
  const connections = useQuery(exchangeKeysQuery).data?.items;
  if (me.isPending) return <Loading isPage />;
  if (me.isLoadingError)
    return <Failure isPage error={me.error} onRetry={() => void me.refetch()} />;
  const more = [
    ...(accounts ? [{ name: t('accounts'), value: <Count of={accounts} to="/accounts" /> }] : []),
    ...(connections ? [{ name: t('connections'), value: <Connections all={connections} /> }] : []),
  ];
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-4">
      <PageHeader
        title={me.data.name}
        intro={t('profileIntro')}
        actions={
          <Link to="/settings" className={buttonClass('secondary')}>
            <Settings aria-hidden size={16} />
            {t('editProfile')}
          </Link>
        }
      />
      <ProfileFacts user={me.data} more={more} />
      <OwnResults counted={counted} />
      <TimeZoneNote />
    </div>
  );
}

function Count({ of, to }: { of: unknown[]; to: '/accounts' }) {
  return (
    <Link to={to} className="figures text-accent hover:underline">
      {of.length}
    </Link>
  );
}

function Connections({ all }: { all: { status: string }[] }) {
  const t = useTranslations('settings');
  const failed = all.filter(({ status }) => status === 'failed').length;
  return (
    <Link to="/connections" className="text-accent hover:underline">
      {t('connectionsText', { count: all.length, failed })}
    </Link>
  );
}

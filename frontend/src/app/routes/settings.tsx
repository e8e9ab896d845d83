import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleUser, LogOut } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Failure, Loading } from '@/components/states';
import { Button, buttonClass } from '@/components/ui/button';
import { AccountKeys } from '@/features/accounts/components/account-keys';
import { accountsQuery } from '@/features/accounts/queries';
import { AlertLevelsCard } from '@/features/alerts/components/levels-card';
import { CurrencyRatesCard } from '@/features/currency-rates/components/currency-rates-card';
import { PersonalKeysCard } from '@/features/personal-keys/components/personal-keys-card';
import { DefaultMarksCard } from '@/features/risk/components/marks-places';
import { RiskDefaultsCard } from '@/features/risk/components/risk-defaults';
import { meQuery, useLogout } from '@/features/session/queries';
import { Appearance } from '@/features/settings/components/appearance';
import { DataCard } from '@/features/settings/components/data-card';
import { EmailCard } from '@/features/settings/components/email-card';
import { PasswordCard } from '@/features/settings/components/password-card';
import { Profile } from '@/features/settings/components/profile';
import { SessionsCard } from '@/features/settings/components/sessions-card';
import { SharesCard } from '@/features/sharing/components/shares-card';
import { useVenueNames } from '../venue-names';

export function SettingsPage() {
  const t = useTranslations('settings');
  const me = useQuery(meQuery);
  const logout = useLogout();
  const accounts = useVenueNames(useQuery(accountsQuery).data?.items ?? []);
  if (me.isPending) return <Loading />;
  if (me.isLoadingError)
    return <Failure isPage error={me.error} onRetry={() => void me.refetch()} />;
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-4">
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          <Link to="/profile" className={buttonClass('secondary')}>
            <CircleUser aria-hidden size={16} />
            {t('openProfile')}
          </Link>
        }
      />
      <AccountKeys />
      <Profile user={me.data} />
      <EmailCard user={me.data} />
      <PasswordCard />
      <Appearance user={me.data} />
      <RiskDefaultsCard />
      <DefaultMarksCard />
      <AlertLevelsCard user={me.data} />
      <CurrencyRatesCard />
      <PersonalKeysCard />
      <SharesCard accounts={accounts} />
      <SessionsCard
        signOut={
          <Button icon={LogOut} isBusy={logout.isPending} onClick={() => logout.mutate()}>
            {t('signOut')}
          </Button>
        }
      />
      <ProblemText error={logout.error} />
      <DataCard user={me.data} />
    </div>
  );
}

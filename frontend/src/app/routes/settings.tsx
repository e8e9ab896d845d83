import { useQuery } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Card, PageHeader } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { AlertLevelsCard } from '@/features/alerts/components/levels-card';
import { CurrencyRatesCard } from '@/features/currency-rates/components/currency-rates-card';
import { DefaultMarksCard } from '@/features/risk/components/marks-places';
import { RiskDefaultsCard } from '@/features/risk/components/risk-defaults';
import { meQuery, useLogout } from '@/features/session/queries';
import { Appearance } from '@/features/settings/components/appearance';
import { Profile } from '@/features/settings/components/profile';

export function SettingsPage() {
  const t = useTranslations('settings');
  const me = useQuery(meQuery);
  const logout = useLogout();
  if (me.isPending) return <Loading />;
  if (me.isError) return <Failure isPage error={me.error} onRetry={() => void me.refetch()} />;
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-4">
      <PageHeader title={t('title')} intro={t('intro')} />
      <Appearance user={me.data} />
      <RiskDefaultsCard />
      <DefaultMarksCard />
      <AlertLevelsCard />
      <CurrencyRatesCard />
      <Profile user={me.data} />
      <Card title={t('session')}>
        <p className="mb-3 text-muted">{t('sessionHint')}</p>
        <Button icon={LogOut} isBusy={logout.isPending} onClick={() => logout.mutate()}>
          {t('signOut')}
        </Button>
        <ProblemText error={logout.error} />
      </Card>
    </div>
  );
}

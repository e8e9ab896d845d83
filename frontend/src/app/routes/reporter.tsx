import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useTopic } from '@/api/stream/react';
import { PageHeader } from '@/components/page';
import { Failure, Loading } from '@/components/states';
import { accountQuery, statusQuery } from '@/features/accounts/queries';
import { ReporterGuide } from '@/features/risk/components/reporter-guide';
import { accountRiskQuery } from '@/features/risk/state-queries';
import { PageFailure } from '../page-states';

const route = getRouteApi('/signed-in/risk/$accountId/reporter');

/** How an account comes to report its figures. */
export function ReporterPage() {
  const t = useTranslations('risk.reporter');
  const { accountId } = route.useParams();
  const account = useQuery(accountQuery(accountId));
  const risk = useQuery(accountRiskQuery(accountId));
  const status = useQuery(statusQuery);
  useTopic(`account:${accountId}`);
  if (account.isPending || risk.isPending) return <Loading isPage rows={8} />;
  if (account.isLoadingError)
    return <PageFailure error={account.error} onRetry={() => void account.refetch()} />;
  if (risk.isLoadingError)
    return <Failure isPage error={risk.error} onRetry={() => void risk.refetch()} />;
  return (
    <>
      <p className="mb-2">
        <Link
          to="/risk/$accountId"
          params={{ accountId }}
          className="text-accent text-sm hover:underline"
        >
          {t('back', { name: account.data.name })}
        </Link>
      </p>
      <PageHeader title={t('title')} intro={t('intro')} />
      <ReporterGuide account={account.data} risk={risk.data} port={status.data?.ea_port ?? null} />
    </>
  );
}

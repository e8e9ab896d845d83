import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { UserCheck, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { Pill } from '@/components/pill';
import { Loading } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { Button } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { FollowPreview } from '@/features/copies/components/follow-preview';
import { FollowDialog } from '@/features/masters/components/follow-dialog';
import { Profile } from '@/features/masters/components/profile';
import { profileQuery } from '@/features/masters/queries';
import { CopyPolicyNote } from '@/features/risk/components/copy-policy';
import { PageFailure } from '../page-states';

const route = getRouteApi('/signed-in/m/$slug');

export function MasterPage() {
  const t = useTranslations();
  const { slug } = route.useParams();
  const [isFollowing, setFollowing] = useState(false);
  const profile = useQuery(profileQuery(slug));
  const accounts = useQuery(accountsQuery);
  if (profile.isPending) return <Loading isPage rows={8} />;
  if (profile.isLoadingError)
    return <PageFailure error={profile.error} onRetry={() => void profile.refetch()} />;

  const master = profile.data;
  const followers = accounts.data?.items.filter(({ copy_role }) => copy_role === 'follower') ?? [];
  return (
    <>
      <p className="mb-2">
        <Link to="/masters" className="text-accent text-sm hover:underline">
          {t('masters.back')}
        </Link>
      </p>
      <PageHeader
        title={master.name}
        intro={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            {t(`accounts.platforms.${master.platform}`)}
            {master.needs_approval && (
              <Pill tone="neutral" icon={UserCheck}>
                {t('masters.needsApproval')}
              </Pill>
            )}
          </span>
        }
        actions={
          <Button look="primary" icon={UserPlus} onClick={() => setFollowing(true)}>
            {t('masters.follow')}
          </Button>
        }
      />
      {master.description && (
        <p className="mb-4 max-w-prose whitespace-pre-line text-pretty [overflow-wrap:anywhere]">
          {master.description}
        </p>
      )}
      <Profile master={master} />
      <TimeZoneNote />
      {isFollowing && accounts.data && (
        <FollowDialog
          master={master}
          followers={followers}
          onClose={() => setFollowing(false)}
          preview={(account) => (
            <>
              <CopyPolicyNote accountId={account.id} />
              {account.platform === 'bingx' && (
                <FollowPreview accountId={account.id} master={{ master_slug: master.slug }} />
              )}
            </>
          )}
        />
      )}
    </>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Link2 } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, Share } from '@/api/types';
import { Later } from '@/components/later';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Failure, Loading } from '@/components/states';
import { Ago, Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useSecondsUntil } from '@/lib/time';
import { sharesQuery, useRevokeShare } from '../queries';

const ShareDialog = lazy(async () => ({
  default: (await import('./share-dialog')).ShareDialog,
}));

interface SharesCardProps {
  /** Those that may be chosen. */
  accounts: Pick<Account, 'id' | 'name' | 'currency'>[];
}

/** Links that show figures to strangers: made, counted and revoked here. */
export function SharesCard({ accounts }: SharesCardProps) {
  const t = useTranslations('shares');
  const shares = useQuery(sharesQuery);
  const [isMaking, setMaking] = useState(false);
  const [asked, setAsked] = useState<Share | null>(null);
  return (
    <Card
      title={t('title')}
      aside={
        <div className="mr-2">
          <Button icon={Link2} onClick={() => setMaking(true)}>
            {t('make')}
          </Button>
        </div>
      }
    >
      <p className="mb-2 text-pretty text-muted">{t('hint')}</p>
      {shares.isPending && <Loading rows={2} />}
      {shares.isError && <Failure error={shares.error} onRetry={() => void shares.refetch()} />}
      {shares.isSuccess && shares.data.items.length === 0 && (
        <p className="text-muted">{t('empty')}</p>
      )}
      {shares.isSuccess && (
        <ul className="divide-y divide-line">
          {shares.data.items.map((share) => (
            <Row key={share.id} share={share} onRevoke={setAsked} />
          ))}
        </ul>
      )}
      <Later isWanted={isMaking}>
        {isMaking && <ShareDialog accounts={accounts} onClose={() => setMaking(false)} />}
      </Later>
      {asked && <Revocation share={asked} onClose={() => setAsked(null)} />}
    </Card>
  );
}

function Row({ share, onRevoke }: { share: Share; onRevoke: (share: Share) => void }) {
  const t = useTranslations('shares');
  const isExpired = useSecondsUntil(share.expires_at) === 0;
  const isRevoked = share.revoked_at !== null;
  const isLive = !isExpired && !isRevoked;
  const last = share.last_viewed_at;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
          {share.name}
          <Pill tone={isLive ? 'accent' : 'neutral'}>
            {t(isRevoked ? 'revoked' : isExpired ? 'expired' : 'active')}
          </Pill>
        </p>
        <p className="text-muted text-sm">
          {share.sections.map((section) => t(`sections.${section}`)).join(', ')}
        </p>
        <p className="text-muted text-sm">
          {t.rich('views', {
            count: share.views,
            last: last === null ? 'none' : 'some',
            ago: () => (last === null ? null : <Ago at={last} />),
          })}
          {isLive && ' · '}
          {isLive && t.rich('ends', { date: () => <Moment at={share.expires_at} format="date" /> })}
        </p>
      </div>
      {isLive && (
        <Button aria-label={t('revokeNamed', { name: share.name })} onClick={() => onRevoke(share)}>
          {t('revoke')}
        </Button>
      )}
    </li>
  );
}

function Revocation({ share, onClose }: { share: Share; onClose: () => void }) {
  const t = useTranslations('shares');
  const revoke = useRevokeShare();
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={t('revokeTitle', { name: share.name })}
      consequence={t('revokeText')}
      verb={t('revoke')}
      isBusy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(share.id, { onSuccess: onClose })}
    />
  );
}

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Link2, Plus, SlidersHorizontal, Unlink } from 'lucide-react';
import { lazy, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, Subscription } from '@/api/types';
import { Later } from '@/components/later';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { ProblemText } from '@/components/problem';
import { Empty, Failure, Loading } from '@/components/states';
import { Button, buttonClass } from '@/components/ui/button';
import { VenueMark } from '@/components/venue-mark';
import { subscriptionsQuery, usePatchSubscription } from '../queries';
import { FollowForm } from './follow-form';
import { STATE_ICONS } from './subscription-state';
import { UnfollowDialog } from './unfollow-dialog';

const FollowAnother = lazy(async () => ({
  default: (await import('./follow-another')).FollowAnother,
}));

interface FollowsProps {
  account: Account;
  isVenue: boolean;
  /** What is to be known before anybody is followed. */
  note?: ReactNode;
}

/** Whom a follower follows, and how to change that. */
export function Follows({ account, isVenue, note }: FollowsProps) {
  const t = useTranslations('follow');
  const [isAdding, setAdding] = useState(false);
  const subscriptions = useQuery(subscriptionsQuery(account.id));
  const isFollowing = (subscriptions.data?.length ?? 0) > 0;

  const add = isFollowing && (
    <Button look="quiet" icon={Plus} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  return (
    <Card title={t('title')} aside={add} isFlush>
      {subscriptions.isPending && <Loading rows={1} />}
      {subscriptions.isError && (
        <Failure error={subscriptions.error} onRetry={() => void subscriptions.refetch()} />
      )}
      {subscriptions.data && !isFollowing && (
        <>
          <Empty icon={Link2} title={t('none')} hint={t('noneHint')} />
          <div className="border-line border-t p-4">
            <FollowForm account={account} isVenue={isVenue} />
          </div>
        </>
      )}
      {isFollowing && (
        <ul className="divide-y divide-line">
          {subscriptions.data?.map((subscription) => (
            <Followed key={subscription.id} subscription={subscription} />
          ))}
        </ul>
      )}
      <div className="px-4 pb-3 empty:hidden">{note}</div>
      <Later isWanted={isAdding}>
        <FollowAnother
          account={account}
          isVenue={isVenue}
          isOpen={isAdding}
          onClose={() => setAdding(false)}
        />
      </Later>
    </Card>
  );
}

function Followed({ subscription }: { subscription: Subscription }) {
  const t = useTranslations('follow');
  const [isAsking, setAsking] = useState(false);
  const patch = usePatchSubscription(subscription);
  const { master_name, source, state, settings } = subscription;
  const isPaused = state === 'paused';
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium [overflow-wrap:anywhere]">{master_name}</span>
          <VenueMark accountId={subscription.master_account_id} showsKey />
          <Pill tone={state === 'active' ? 'safe' : 'caution'} icon={STATE_ICONS[state]}>
            {t(`states.${state}`)}
          </Pill>
        </p>
        <p className="text-muted text-sm">
          {t(`sizing.${settings.sizing.mode}`, { value: settings.sizing.value })} ·{' '}
          {t(`source.${source}`)}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Link
          to="/dashboard/$accountId"
          params={{ accountId: subscription.follower_account_id }}
          search={{ tab: 'settings' }}
          className={buttonClass('secondary')}
          aria-label={t('settingsNamed', { name: master_name })}
        >
          <SlidersHorizontal aria-hidden size={16} />
          {t('settings')}
        </Link>
        {state !== 'pending' && (
          <Button
            isBusy={patch.isPending}
            onClick={() => patch.mutate({ state: isPaused ? 'active' : 'paused' })}
          >
            {t(isPaused ? 'resume' : 'pause')}
          </Button>
        )}
        <Button
          icon={Unlink}
          aria-label={t('unfollowNamed', { name: master_name })}
          onClick={() => setAsking(true)}
        >
          {t('unfollow')}
        </Button>
      </div>
      <ProblemText error={patch.error} />
      {isAsking && <UnfollowDialog subscription={subscription} onClose={() => setAsking(false)} />}
    </li>
  );
}

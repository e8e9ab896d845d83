import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, PublicMaster } from '@/api/types';
import { useChoice } from '@/components/choice';
import { ProblemText } from '@/components/problem';
import { SizingChoice } from '@/components/sizing-choice';
import { Button, buttonClass } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { RadioCards } from '@/components/ui/radio-cards';
import { offeredSizing, sizingFault, type TypedSizing } from '@/lib/offered-sizing';
import { useFollowMaster } from '../queries';

interface FollowDialogProps {
  master: PublicMaster;
  /** Accounts of the user that can follow. */
  followers: Account[];
  onClose: () => void;
  /** What following would mean for an account. */
  preview: (account: Account) => ReactNode;
}

/** Chooses which account follows, and says what happens then. */
export function FollowDialog({ master, followers, onClose, preview }: FollowDialogProps) {
  const t = useTranslations('masters');
  const [accountId, setAccountId] = useChoice(followers[0]?.id);
  const chosen = followers.find(({ id }) => id === accountId);
  // What is offered, until something else is chosen.
  const [typed, setTyped] = useState<TypedSizing>();
  const sizing = typed ?? offeredSizing(chosen);
  const follow = useFollowMaster(master.slug);
  const isSized = sizing === null || sizingFault(sizing) === undefined;
  if (follow.data) {
    const { follower_account_id: followerId } = follow.data;
    return <Followed master={master} accountId={followerId} onClose={onClose} />;
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      isBusy={follow.isPending}
      title={t('followNamed', { name: master.name })}
      description={t(master.needs_approval ? 'followPending' : 'followNow')}
    >
      {followers.length === 0 ? (
        <p>{t('noFollower')}</p>
      ) : (
        <RadioCards
          label={t('whichAccount')}
          value={accountId}
          onChange={(id) => {
            setAccountId(id);
            setTyped(undefined);
          }}
          cards={followers.map(({ id, name, currency }) => ({
            value: id,
            title: name,
            hint: currency === master.currency ? currency : t('otherCurrency', { currency }),
          }))}
        />
      )}
      {sizing && <SizingChoice key={accountId} sizing={sizing} onChange={setTyped} />}
      {chosen && preview(chosen)}
      <ProblemText error={follow.error} />
      <DialogActions>
        <Button onClick={onClose} disabled={follow.isPending}>
          {t('cancel')}
        </Button>
        {followers.length === 0 ? (
          <Link to="/accounts" className={buttonClass('primary')}>
            {t('toAccounts')}
          </Link>
        ) : (
          <Button
            look="primary"
            isBusy={follow.isPending}
            disabled={!isSized || !chosen}
            onClick={() => follow.mutate({ accountId, sizing })}
          >
            {t('follow')}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

interface FollowedProps {
  master: PublicMaster;
  accountId: string;
  onClose: () => void;
}

function Followed({ master, accountId, onClose }: FollowedProps) {
  const t = useTranslations('masters');
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t(master.needs_approval ? 'asked' : 'followed', { name: master.name })}
      description={t('followedHint')}
    >
      <DialogActions>
        <Button onClick={onClose}>{t('done')}</Button>
        <Link
          to="/dashboard/$accountId"
          params={{ accountId }}
          search={{ tab: 'settings' }}
          className={buttonClass('primary')}
        >
          {t('toSettings')}
        </Link>
      </DialogActions>
    </Dialog>
  );
}

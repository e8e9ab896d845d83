import { Link } from '@tanstack/react-router';
import { OctagonX, Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, Group } from '@/api/types';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Presence } from '@/components/presence';
import { Button, IconButton } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { VenueMark } from '@/components/venue-mark';
import { useRemoveAccount } from '../queries';
import { AddAccount } from './add-account';
import { GroupMenu } from './group-menu';

type Member = Group['accounts'][number];

interface GroupCardProps {
  group: Group;
  /** All of the user's accounts. */
  accounts: Account[];
  /** Whether copying is stopped in it; undefined: not known. */
  isStopped: boolean | undefined;
  onStop: () => void;
  /** How it is, above its accounts. */
  brief?: ReactNode;
}

/** One group: whether it is stopped, who is in it, and what can be done. */
export function GroupCard({ group, accounts, isStopped, onStop, brief }: GroupCardProps) {
  const t = useTranslations('groups');
  const [isAdding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  // Whoever decides by it is told the worse.
  const mayBeStopped = isStopped !== false;
  const others = accounts.filter(({ id }) => !group.account_ids.includes(id));
  return (
    <Card
      title={group.name}
      aside={
        <div className="flex items-center gap-2">
          {isStopped && (
            <Pill tone="violated" icon={OctagonX}>
              {t('stopped')}
            </Pill>
          )}
          <GroupMenu group={group} isStopped={mayBeStopped} onStop={onStop} />
        </div>
      }
      isFlush
    >
      {brief}
      {group.accounts.length === 0 && (
        <p className="px-4 py-3 text-pretty text-muted">{t('noAccounts')}</p>
      )}
      <ul aria-label={t('accountsOf', { name: group.name })} className="divide-y divide-line">
        {group.accounts.map((member) => (
          <MemberRow
            key={member.id}
            member={member}
            account={accounts.find(({ id }) => id === member.id)}
            onRemove={() => setLeaving(member)}
          />
        ))}
      </ul>
      <div className="border-line border-t px-2 py-1.5">
        <Button
          look="quiet"
          icon={Plus}
          onClick={() => setAdding(true)}
          disabled={others.length === 0}
        >
          {t('addAccount')}
        </Button>
      </div>
      {isAdding && (
        <AddAccount
          group={group}
          accounts={others}
          isStopped={mayBeStopped}
          onClose={() => setAdding(false)}
        />
      )}
      {leaving && (
        <RemoveAccount
          group={group}
          member={leaving}
          isStopped={mayBeStopped}
          onClose={() => setLeaving(null)}
        />
      )}
    </Card>
  );
}

interface MemberRowProps {
  member: Member;
  account: Account | undefined;
  onRemove: () => void;
}

function MemberRow({ member, account, onRemove }: MemberRowProps) {
  const t = useTranslations();
  return (
    <li className="flex items-center gap-3 py-1.5 pr-2 pl-4">
      {/* What does not fit beside the name goes below it: a name breaks only where a whole line is too short for it. */}
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1">
        <Link
          to="/dashboard/$accountId"
          params={{ accountId: member.id }}
          className="font-medium text-accent [overflow-wrap:anywhere] hover:underline"
        >
          {member.name}
        </Link>
        {account && (
          <span className="whitespace-nowrap text-muted text-sm">
            {t(`accounts.roles.${account.copy_role}`)}
          </span>
        )}
        <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1 empty:hidden">
          <VenueMark accountId={member.id} showsKey />
        </span>
      </div>
      {account && <Presence online={account.online} isBrief />}
      <IconButton
        icon={X}
        label={t('groups.removeNamed', { name: member.name })}
        onClick={onRemove}
      />
    </li>
  );
}

interface RemoveAccountProps {
  group: Group;
  member: Member;
  isStopped: boolean;
  onClose: () => void;
}

/** Leaving a stopped group means copying again, so it is asked for. */
function RemoveAccount({ group, member, isStopped, onClose }: RemoveAccountProps) {
  const t = useTranslations('groups');
  const remove = useRemoveAccount(group.id);
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => remove.mutate(member.id, { onSuccess: onClose })}
      title={t('removeTitle', { account: member.name, name: group.name })}
      consequence={t(isStopped ? 'removeStopped' : 'removeText')}
      verb={t('remove')}
      isBusy={remove.isPending}
      error={remove.error}
      isDanger={isStopped}
    />
  );
}

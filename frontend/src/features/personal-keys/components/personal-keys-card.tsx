import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { PersonalKey } from '@/api/types';
import { Later } from '@/components/later';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Failure, Loading } from '@/components/states';
import { Ago, Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useSecondsUntil } from '@/lib/time';
import { personalKeysQuery, useRevokePersonalKey } from '../queries';

const KeyDialog = lazy(async () => ({ default: (await import('./key-dialog')).KeyDialog }));

/** Keys with which the own programs use the API: made, watched and revoked here. */
export function PersonalKeysCard() {
  const t = useTranslations('personalKeys');
  const list = useQuery(personalKeysQuery);
  const [isMaking, setMaking] = useState(false);
  const [asked, setAsked] = useState<PersonalKey | null>(null);
  return (
    <Card
      title={t('title')}
      aside={
        <div className="mr-2">
          <Button icon={KeyRound} onClick={() => setMaking(true)}>
            {t('make')}
          </Button>
        </div>
      }
    >
      <p className="mb-2 text-pretty text-muted">{t('hint')}</p>
      {list.isPending && <Loading rows={2} />}
      {list.isError && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && list.data.items.length === 0 && <p className="text-muted">{t('empty')}</p>}
      {list.isSuccess && (
        <ul className="divide-y divide-line">
          {list.data.items.map((key) => (
            <Row key={key.id} item={key} onRevoke={setAsked} />
          ))}
        </ul>
      )}
      <Later isWanted={isMaking}>
        {isMaking && <KeyDialog onClose={() => setMaking(false)} />}
      </Later>
      {asked && <Revocation item={asked} onClose={() => setAsked(null)} />}
    </Card>
  );
}

function Row({ item, onRevoke }: { item: PersonalKey; onRevoke: (item: PersonalKey) => void }) {
  const t = useTranslations('personalKeys');
  const isExpired = useSecondsUntil(item.expires_at) === 0;
  const isRevoked = item.revoked_at !== null;
  const isLive = !isExpired && !isRevoked;
  const last = item.last_used_at;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
          {item.name}
          <Pill tone={isLive ? 'accent' : 'neutral'}>
            {t(isRevoked ? 'revoked' : isExpired ? 'expired' : 'active')}
          </Pill>
        </p>
        <p className="text-muted text-sm">
          <code>{item.prefix}…</code> · {t(item.scopes.includes('trade') ? 'trade' : 'read')}
        </p>
        <p className="text-muted text-sm">
          {last === null ? t('unused') : t.rich('used', { ago: () => <Ago at={last} /> })}
          {isLive && ' · '}
          {isLive && t.rich('ends', { date: () => <Moment at={item.expires_at} format="date" /> })}
        </p>
      </div>
      {isLive && (
        <Button aria-label={t('revokeNamed', { name: item.name })} onClick={() => onRevoke(item)}>
          {t('revoke')}
        </Button>
      )}
    </li>
  );
}

function Revocation({ item, onClose }: { item: PersonalKey; onClose: () => void }) {
  const t = useTranslations('personalKeys');
  const revoke = useRevokePersonalKey();
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={t('revokeTitle', { name: item.name })}
      consequence={t('revokeText')}
      verb={t('revoke')}
      isBusy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(item.id, { onSuccess: onClose })}
    />
  );
}

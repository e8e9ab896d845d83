import { useQuery } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { DeviceSession } from '@/api/types';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Failure, Loading } from '@/components/states';
import { Ago, Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { sessionsQuery, useEndSession } from '../queries';

/** Devices that are signed in; any of them can be signed out from here. `signOut`: this one. */
export function SessionsCard({ signOut }: { signOut: ReactNode }) {
  const t = useTranslations('settings');
  const sessions = useQuery(sessionsQuery);
  const [asked, setAsked] = useState<DeviceSession | null>(null);
  return (
    <Card title={t('session')} aside={<div className="mr-2">{signOut}</div>}>
      <p className="mb-2 text-pretty text-muted">{t('sessionHint')}</p>
      {sessions.isPending && <Loading rows={2} />}
      {sessions.isError && (
        <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />
      )}
      {sessions.isSuccess && (
        <ul className="divide-y divide-line">
          {sessions.data.items.map((session) => (
            <Row
              key={session.id}
              session={session}
              action={!session.is_current && <End session={session} onAsk={setAsked} />}
            />
          ))}
        </ul>
      )}
      {asked && <EndDialog session={asked} onClose={() => setAsked(null)} />}
    </Card>
  );
}

function Row({ session, action }: { session: DeviceSession; action: ReactNode }) {
  const t = useTranslations('settings.sessions');
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5">
      <div className="flex min-w-0 items-center gap-3">
        <MonitorSmartphone aria-hidden size={20} className="shrink-0 text-muted" />
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            {session.device ?? t('unknownDevice')}
            {session.is_current && <Pill tone="accent">{t('current')}</Pill>}
          </p>
          <p className="text-muted text-sm">
            {t.rich('since', { date: () => <Moment at={session.created_at} /> })}
            {' · '}
            {t.rich('used', { ago: () => <Ago at={session.last_seen_at} /> })}
          </p>
        </div>
      </div>
      {action}
    </li>
  );
}

interface EndProps {
  session: DeviceSession;
  onAsk: (session: DeviceSession) => void;
}

function End({ session, onAsk }: EndProps) {
  const t = useTranslations('settings.sessions');
  const device = session.device ?? t('unknownDevice');
  return (
    <Button aria-label={t('endNamed', { device })} onClick={() => onAsk(session)}>
      {t('end')}
    </Button>
  );
}

function EndDialog({ session, onClose }: { session: DeviceSession; onClose: () => void }) {
  const t = useTranslations('settings.sessions');
  const formatter = useFormatter();
  const end = useEndSession();
  const device = session.device ?? t('unknownDevice');
  const date = formatter.dateTime(new Date(session.created_at), 'short');
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={t('endTitle')}
      consequence={t('endText', { device, date })}
      verb={t('end')}
      isBusy={end.isPending}
      error={end.error}
      onConfirm={() => end.mutate(session.id, { onSuccess: onClose })}
    />
  );
}

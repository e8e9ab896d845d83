import { Link } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Alert } from '@/api/types';
import { Ago, Moment } from '@/components/time';
import { IconButton } from '@/components/ui/button';
import { VenueMark } from '@/components/venue-mark';
import { ABOUT_THE_USER, SEVERITY_LOOKS } from '../looks';
import { useAlertText } from '../words';

interface AlertItemProps {
  alert: Alert;
  /** Name of the account it is about, if it is among the user's. */
  accountName: string | undefined;
  onRead: () => void;
  /** A link of it was followed. */
  onLeave?: (() => void) | undefined;
}

/** One alert: what happened, what it means, what to do. */
export function AlertItem({ alert, accountName, onRead, onLeave }: AlertItemProps) {
  const t = useTranslations('alerts');
  const isUnread = alert.read_at === null;
  const { icon: Icon, className } = SEVERITY_LOOKS[alert.severity];
  const { title, body } = useAlertText()(alert, accountName);
  const isNamed = accountName !== undefined && `${title} ${body}`.includes(accountName);
  return (
    <li className={`flex gap-3 px-4 py-3.5 ${isUnread ? 'bg-accent-soft/40' : ''}`}>
      <Icon aria-hidden size={20} className={`mt-0.5 shrink-0 ${className}`} />
      <div className="min-w-0 flex-1">
        <p className={`[overflow-wrap:anywhere] ${isUnread ? 'font-semibold' : 'font-medium'}`}>
          <span className="sr-only">{t(`severity.${alert.severity}`)}: </span>
          {title}
          {alert.account_id !== null && (
            <span className="ml-2 inline-flex flex-wrap items-center gap-x-2 font-normal empty:hidden">
              <VenueMark accountId={alert.account_id} showsKey />
            </span>
          )}
          {isUnread && <span className="sr-only"> ({t('isUnread')})</span>}
        </p>
        <p className="mt-0.5 text-pretty">{body}</p>
        {alert.detail.words !== undefined && (
          <p className="mt-1 text-muted [overflow-wrap:anywhere]">
            {t('words', { text: alert.detail.words })}
          </p>
        )}
        <Facts alert={alert} accountName={isNamed ? undefined : accountName} />
        <Links alert={alert} hasAccount={accountName !== undefined} onLeave={onLeave} />
      </div>
      {isUnread && (
        <div className="-mt-1.5 -mr-2">
          <IconButton icon={Check} label={t('read')} onClick={onRead} />
        </div>
      )}
    </li>
  );
}

/** What it is about, when, and how often. */
function Facts({ alert, accountName }: { alert: Alert; accountName: string | undefined }) {
  const t = useTranslations('alerts');
  const { detail } = alert;
  const { symbol, side, master_ticket: ticket } = detail;
  const facts: { name: string; text: ReactNode }[] = [
    { name: 'at', text: <Ago at={alert.last_at} /> },
  ];
  if (accountName !== undefined) facts.push({ name: 'account', text: accountName });
  if (symbol !== undefined) facts.push({ name: 'symbol', text: [side, symbol].join(' ').trim() });
  if (ticket !== undefined) facts.push({ name: 'ticket', text: `#${ticket}` });
  const listed = detail.tickets?.split(', ') ?? [];
  if (listed.length > 0) {
    facts.push({
      name: 'tickets',
      text: t('tickets', {
        tickets: listed.map((each) => `#${each}`).join(', '),
        more: Math.max(0, Number(detail.count ?? 0) - listed.length),
      }),
    });
  }
  if (alert.times_seen > 1) {
    facts.push({
      name: 'times',
      text: t.rich('times', {
        count: alert.times_seen,
        since: () => <Moment at={alert.first_at} />,
      }),
    });
  }
  return (
    <>
      <p className="mt-1.5 flex flex-wrap gap-x-3 text-muted text-sm">
        {facts.map(({ name, text }) => (
          <span key={name} className="[overflow-wrap:anywhere]">
            {text}
          </span>
        ))}
      </p>
      {alert.resolved_at !== null && (
        <p className="flex items-center gap-1.5 text-safe text-sm">
          <Check aria-hidden size={14} />
          <span>{t.rich('over', { at: () => <Moment at={alert.resolved_at ?? ''} /> })}</span>
        </p>
      )}
    </>
  );
}

const LINK = 'inline-flex min-h-6 touch:min-h-9 items-center text-accent text-sm hover:underline';

function Links({
  alert,
  hasAccount,
  onLeave,
}: {
  alert: Alert;
  hasAccount: boolean;
  onLeave?: (() => void) | undefined;
}) {
  const t = useTranslations('alerts');
  const leave = onLeave && { onClick: onLeave };
  return (
    <p className="mt-1 flex flex-wrap gap-x-4 empty:hidden">
      {alert.copy_id !== null && (
        <Link to="/copies/$copyId" params={{ copyId: alert.copy_id }} className={LINK} {...leave}>
          {t('toCopy')}
        </Link>
      )}
      {alert.account_id !== null && hasAccount && (
        <Link
          to="/dashboard/$accountId"
          params={{ accountId: alert.account_id }}
          className={LINK}
          {...leave}
        >
          {t('toAccount')}
        </Link>
      )}
      {(alert.kind === 'exchange_key_failed' || alert.kind === 'protection_failing') && (
        <Link to="/connections" className={LINK} {...leave}>
          {t('toConnections')}
        </Link>
      )}
      {ABOUT_THE_USER.includes(alert.kind) && (
        <Link to="/settings" className={LINK} {...leave}>
          {t('toSettings')}
        </Link>
      )}
    </p>
  );
}

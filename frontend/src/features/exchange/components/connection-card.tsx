import { Link } from '@tanstack/react-router';
import { Plug } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, ExchangeKey } from '@/api/types';
import { Later } from '@/components/later';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { isAsked } from '../known-keys';
import { useTestKey } from '../queries';
import { KeyFacts, KeyWarnings } from './key-facts';
import { KeyStatePill } from './key-state';
import { LeverageEdit } from './leverage-edit';
import { FaultText } from './refusal';
import { SlippageEdit } from './slippage-edit';
import { TradingSwitch } from './trading-switch';
import { VenueBadge } from './venue-badge';

const DisconnectDialog = lazy(async () => ({
  default: (await import('./disconnect-dialog')).DisconnectDialog,
}));

interface ConnectionProps {
  account: Account;
  /** Null: none. */
  shown: ExchangeKey | null;
  onConnect: () => void;
}

/** One account at an exchange: whether its key works, what it may do, and whether it trades. */
export function ConnectionCard({ account, shown, onConnect }: ConnectionProps) {
  const t = useTranslations();
  return (
    <section
      aria-label={account.name}
      className="min-w-0 rounded-card border border-line bg-surface-1 px-4 pt-3 pb-4"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <h2 className="min-w-0 font-semibold [overflow-wrap:anywhere]">
          <Link
            to="/dashboard/$accountId"
            params={{ accountId: account.id }}
            className="text-accent hover:underline"
          >
            {account.name}
          </Link>
        </h2>
        <span className="flex flex-wrap items-center gap-2">
          <VenueBadge account={account} />
          {account.platform === 'bingx' && <KeyStatePill state={shown?.status ?? 'none'} />}
        </span>
      </div>
      <p className="text-muted text-sm">
        {t(`accounts.platforms.${account.platform}`)} · {t(`accounts.roles.${account.copy_role}`)}
      </p>
      {shown && <Known account={account} shown={shown} onReplace={onConnect} />}
      {!shown && account.platform === 'bingx' && (
        <>
          <p className="my-3 text-pretty text-muted">{t('connections.notConnected')}</p>
          <Button
            icon={Plug}
            onClick={onConnect}
            aria-label={t('connections.connectNamed', { name: account.name })}
          >
            {t('connections.connect')}
          </Button>
        </>
      )}
      {account.platform === 'paper' && (
        <div className="mt-3 border-line border-t pt-3">
          <TradingSwitch account={account} shown={null} />
          <SlippageEdit account={account} />
        </div>
      )}
    </section>
  );
}

interface KnownProps {
  account: Account;
  shown: ExchangeKey;
  onReplace: () => void;
}

function Known({ account, shown, onReplace }: KnownProps) {
  return (
    <>
      <Trouble shown={shown} />
      <div className="mt-3 border-line border-y">
        <KeyFacts
          shown={shown}
          leverage={<LeverageEdit account={account} leverage={shown.leverage} />}
        />
      </div>
      <KeyWarnings shown={shown} />
      <div className="mt-4">
        <TradingSwitch account={account} shown={shown} />
      </div>
      <Actions account={account} onReplace={onReplace} isOff={isAsked(shown)} />
    </>
  );
}

/** What keeps the key from working, or that it is being asked about. */
function Trouble({ shown }: { shown: ExchangeKey }) {
  const t = useTranslations('connections');
  if (shown.status === 'pending') {
    return (
      <p role="status" className="mt-3 text-pretty text-muted">
        {t('pendingHint')}
      </p>
    );
  }
  if (!shown.last_error) return null;
  const isFailed = shown.status === 'failed';
  return (
    <div
      role={isFailed ? 'alert' : undefined}
      className={`mt-3 rounded-card border px-3 py-2.5 ${isFailed ? 'border-critical/50' : 'border-stale/40'}`}
    >
      <FaultText fault={shown.last_error.code} text={shown.last_error.text} />
      {isFailed && <p className="mt-1 text-pretty">{t('failedHint')}</p>}
    </div>
  );
}

interface ActionsProps {
  account: Account;
  onReplace: () => void;
  isOff: boolean;
}

function Actions({ account, onReplace, isOff }: ActionsProps) {
  const t = useTranslations('connections');
  const test = useTestKey(account.id);
  const [isLeaving, setLeaving] = useState(false);
  return (
    <>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button
          isBusy={test.isPending}
          disabled={isOff}
          aria-label={t('testNamed', { name: account.name })}
          onClick={() => test.mutate()}
        >
          {t('test')}
        </Button>
        <Button onClick={onReplace} aria-label={t('replaceNamed', { name: account.name })}>
          {t('replace')}
        </Button>
        <Button
          onClick={() => setLeaving(true)}
          aria-label={t('disconnectNamed', { name: account.name })}
        >
          {t('disconnect')}
        </Button>
      </div>
      <p role="status" className="mt-2 text-safe text-sm empty:hidden">
        {test.data?.status === 'verified' && !test.data.last_error ? t('tested') : ''}
      </p>
      <ProblemText error={test.error} />
      <Later isWanted={isLeaving}>
        <DisconnectDialog account={account} isOpen={isLeaving} onClose={() => setLeaving(false)} />
      </Later>
    </>
  );
}

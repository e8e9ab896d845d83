import { Link } from '@tanstack/react-router';
import { Plug } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account, ExchangeKey } from '@/api/types';
import { Card } from '@/components/page';
import { buttonClass } from '@/components/ui/button';
import { useExchangeKey } from '../known-keys';
import { KeyWarnings } from './key-facts';
import { KeyStatePill, LastCheck } from './key-state';
import { FaultText } from './refusal';
import { TradingSwitch } from './trading-switch';

/** On the dashboard of an account at an exchange: whether its key works, and whether it trades. */
export function ConnectionBrief({ account }: { account: Account }) {
  const t = useTranslations();
  const shown = useExchangeKey(account);
  if (account.platform === 'paper') {
    return (
      <Card title={t('venue.simulated')}>
        <p className="mb-4 text-pretty text-muted">{t('venue.simulatedHint')}</p>
        <TradingSwitch account={account} shown={null} />
      </Card>
    );
  }
  if (shown === undefined) return null;
  return (
    <Card
      title={t('venue.toConnection')}
      aside={
        <span className="mr-2">
          <KeyStatePill state={shown?.status ?? 'none'} />
        </span>
      }
    >
      {shown ? <Known account={account} shown={shown} /> : <Missing account={account} />}
    </Card>
  );
}

function Known({ account, shown }: { account: Account; shown: ExchangeKey }) {
  const t = useTranslations();
  return (
    <>
      {shown.last_error && (
        <div className="mb-3">
          <FaultText fault={shown.last_error.code} text={shown.last_error.text} />
          {shown.status === 'failed' && (
            <p className="mt-1 text-pretty">{t('connections.failedHint')}</p>
          )}
        </div>
      )}
      <TradingSwitch account={account} shown={shown} />
      <KeyWarnings shown={shown} />
      <p className="mt-4 flex flex-wrap items-center justify-between gap-2 text-muted text-sm">
        <LastCheck account={account} />
        <Link to="/connections" className="text-accent hover:underline">
          {t('connections.title')}
        </Link>
      </p>
    </>
  );
}

function Missing({ account }: { account: Account }) {
  const t = useTranslations('connections');
  return (
    <>
      <p className="mb-3 text-pretty text-muted">{t('notConnected')}</p>
      <Link to="/connections" search={{ connect: account.id }} className={buttonClass('primary')}>
        <Plug aria-hidden size={16} />
        {t('connect')}
      </Link>
    </>
  );
}

import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, LoaderCircle } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account, ExchangeKey } from '@/api/types';
import { Money } from '@/components/figures';
import { Facts } from '@/components/page';
import { Button, buttonClass } from '@/components/ui/button';
import { DialogActions } from '@/components/ui/dialog';
import { isAsked, useExchangeKey } from '../known-keys';
import { KeyWarnings } from './key-facts';
import { FaultText } from './refusal';

interface OutcomeProps {
  account: Account;
  onClose: () => void;
  /** To the form again. */
  onAgain: () => void;
}

/** What became of a key that was handed in, as far as it is known. */
export function Outcome({ account, onClose, onAgain }: OutcomeProps) {
  const key = useExchangeKey(account);
  if (key === undefined) return null;
  if (key && isAsked(key)) return <Waiting onClose={onClose} />;
  if (key?.status === 'verified') {
    return <Connected account={account} shown={key} onClose={onClose} />;
  }
  return <Lost shown={key} onClose={onClose} onAgain={onAgain} />;
}

function Waiting({ onClose }: Pick<OutcomeProps, 'onClose'>) {
  const t = useTranslations();
  return (
    <>
      <div role="status" className="flex items-start gap-3">
        <LoaderCircle aria-hidden size={20} className="mt-0.5 shrink-0 animate-spin text-accent" />
        <div>
          <p className="font-medium">{t('connect.waiting.title')}</p>
          <p className="text-pretty text-muted">{t('connect.waiting.text')}</p>
        </div>
      </div>
      <DialogActions>
        <Button onClick={onClose}>{t('common.close')}</Button>
      </DialogActions>
    </>
  );
}

/** It failed after all, or nobody answered and it was removed. */
function Lost({
  shown,
  onClose,
  onAgain,
}: Omit<OutcomeProps, 'account'> & { shown: ExchangeKey | null }) {
  const t = useTranslations();
  return (
    <>
      <div role="alert" className="flex items-start gap-3">
        <CircleAlert aria-hidden size={20} className="mt-0.5 shrink-0 text-negative" />
        <div>
          {shown?.last_error ? (
            <FaultText fault={shown.last_error.code} text={shown.last_error.text} />
          ) : (
            <p className="text-pretty">{t('connect.waiting.gone')}</p>
          )}
        </div>
      </div>
      <DialogActions>
        <Button onClick={onClose}>{t('common.close')}</Button>
        <Button look="primary" onClick={onAgain}>
          {t('connect.waiting.again')}
        </Button>
      </DialogActions>
    </>
  );
}

interface ConnectedProps {
  account: Account;
  shown: ExchangeKey;
  onClose: () => void;
}

/** The proof that the right account was connected: its type, its money, its mode. */
function Connected({ account, shown, onClose }: ConnectedProps) {
  const t = useTranslations();
  const { environment, account_type: type, position_mode: mode, margin } = shown;
  return (
    <>
      <p role="status" className="flex items-start gap-2 text-safe">
        <CircleCheck aria-hidden size={20} className="shrink-0" />
        <span>
          {t('connect.done.title', { name: account.name })}. {t(`connect.done.${environment}`)}
        </span>
      </p>
      <div className="mt-3">
        <Facts
          facts={[
            {
              name: t('connections.labels.accountType'),
              value: type ? t(`connections.accountTypes.${type}`) : t('connections.unknown'),
            },
            {
              name: t('connect.done.available'),
              value: <Money value={margin?.available} currency={margin?.asset ?? ''} />,
            },
            {
              name: t('connections.labels.positionMode'),
              value: mode ? t(`connections.positionModes.${mode}`) : t('connections.unknown'),
            },
          ]}
        />
      </div>
      <KeyWarnings shown={shown} />
      <p className="mt-3 text-pretty">
        {t(account.trading_enabled ? 'connect.done.tradingOn' : 'connect.done.trading')}
      </p>
      <DialogActions>
        {account.copy_role === 'follower' && (
          <Link
            to="/dashboard/$accountId"
            params={{ accountId: account.id }}
            className={buttonClass('secondary')}
          >
            {t('connect.done.follow')}
          </Link>
        )}
        <Button look="primary" onClick={onClose}>
          {t('connect.done.close')}
        </Button>
      </DialogActions>
    </>
  );
}

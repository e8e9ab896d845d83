import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, ExchangeKey } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { SwitchRow } from '@/components/ui/switch';
import { useSetTrading } from '../queries';

interface TradingSwitchProps {
  account: Account;
  /** Null where the account needs none. */
  shown: ExchangeKey | null;
}

/** Whether copies become orders. On, it asks first and names whose money that is. */
export function TradingSwitch({ account, shown }: TradingSwitchProps) {
  const t = useTranslations('connections.trading');
  const set = useSetTrading(account.id);
  const [isAsking, setAsking] = useState(false);
  const money = account.platform === 'paper' ? 'paper' : (shown?.environment ?? 'live');
  const isReady =
    money === 'paper' || (shown?.status === 'verified' && shown.account_type === 'perpetual');
  const isOn = account.trading_enabled;

  function close(): void {
    setAsking(false);
    set.reset();
  }

  return (
    <>
      <SwitchRow
        label={t('labelNamed', { name: account.name })}
        hint={t(isOn ? `on.${money}` : isReady ? 'off' : 'needsKey')}
        isOn={isOn}
        isBusy={set.isPending || (!isOn && !isReady)}
        onChange={(wanted) => (wanted ? setAsking(true) : set.mutate(false))}
      />
      {!isAsking && <ProblemText error={set.error} />}
      <ConfirmDialog
        isOpen={isAsking}
        isDanger={money === 'live'}
        onClose={close}
        onConfirm={() => set.mutate(true, { onSuccess: close })}
        title={t(money === 'live' ? 'titleLive' : 'title', { name: account.name })}
        consequence={t(money, { name: account.name })}
        verb={t(money === 'live' ? 'submitLive' : 'submit')}
        isBusy={set.isPending}
        error={set.error}
      />
    </>
  );
}

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AccountRisk } from '@/api/types';
import { useMoneyText } from '@/components/figures';
import { RadioCards } from '@/components/ui/radio-cards';
import { isDecimal } from '@/lib/decimal';
import { type Cause, causesOf, changeOf, sizeOf } from '../balance-change';
import { useSnapshot } from '../queries';
import { Amount, Frame } from './correction-frame';

interface SnapshotProps {
  risk: AccountRisk;
  onClose: () => void;
}

/** Balance and equity by hand. Where the balance is another one it is asked why: moved money is no profit. */
export function Snapshot({ risk, onClose }: SnapshotProps) {
  const { account_id: accountId, currency } = risk;
  const [balance, setBalance] = useState(risk.balance ?? '');
  const [equity, setEquity] = useState(risk.equity ?? '');
  const [cause, setCause] = useState<Cause | null>(null);
  const take = useSnapshot(accountId);
  const change = changeOf(risk.balance ?? null, balance);
  const causes = change === null ? [] : causesOf(change);
  const chosen = causes.find((each) => each === cause) ?? null;

  function save(): void {
    const figures = { balance: balance.trim(), equity: equity.trim() };
    // The server notes moved money together with the figures, or neither.
    take.mutate({ ...figures, ...(chosen && { change: chosen }) }, { onSuccess: onClose });
  }

  return (
    <Frame
      isWhole={isDecimal(balance) && isDecimal(equity) && (causes.length === 0 || chosen !== null)}
      isBusy={take.isPending}
      error={take.error}
      onClose={onClose}
      onSave={save}
    >
      <Amount name="balance" value={balance} onChange={setBalance} currency={currency} />
      <Amount name="equity" value={equity} onChange={setEquity} currency={currency} />
      {change !== null && (
        <Why
          change={change}
          currency={currency}
          causes={causes}
          value={chosen}
          onChange={setCause}
        />
      )}
    </Frame>
  );
}

interface WhyProps {
  change: string;
  currency: string;
  causes: readonly Cause[];
  value: Cause | null;
  onChange: (cause: Cause) => void;
}

function Why({ change, currency, causes, value, onChange }: WhyProps) {
  const t = useTranslations('risk.corrections');
  const money = useMoneyText();
  const amount = money(sizeOf(change), currency);
  return (
    <RadioCards
      label={t(change.startsWith('-') ? 'snapshot.less' : 'snapshot.more', { amount })}
      value={value}
      onChange={onChange}
      cards={causes.map((cause) => ({
        value: cause,
        title: cause === 'trading' ? t('snapshot.trading') : t(`cash.kinds.${cause}`),
        hint: cause === 'trading' ? t('snapshot.tradingHint') : t(`cash.kindHints.${cause}`),
      }))}
    />
  );
}

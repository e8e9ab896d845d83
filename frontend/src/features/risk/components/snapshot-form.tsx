import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AccountRisk } from '@/api/types';
import { useMoneyText } from '@/components/figures';
import { RadioCards } from '@/components/ui/radio-cards';
import { isDecimal } from '@/lib/decimal';
import { type Cause, causesOf, changeOf, sizeOf } from '../balance-change';
import { useNoteCashFlow, useSnapshot } from '../queries';
import { Amount, Frame } from './correction-frame';

interface SnapshotProps {
  risk: AccountRisk;
  onClose: () => void;
}

/** Balance and equity by hand. Where the balance is another one it is asked why: moved money is no profit. */
export function Snapshot({ risk, onClose }: SnapshotProps) {
  const { account_id: accountId, currency } = risk;
  const [before, setBefore] = useState(risk.balance ?? null);
  const [balance, setBalance] = useState(risk.balance ?? '');
  const [equity, setEquity] = useState(risk.equity ?? '');
  const [cause, setCause] = useState<Cause | null>(null);
  const note = useNoteCashFlow(accountId);
  const take = useSnapshot(accountId);
  const change = changeOf(before, balance);
  const causes = change === null ? [] : causesOf(change);
  const chosen = causes.find((each) => each === cause) ?? null;

  function send(): void {
    const figures = { balance: balance.trim(), equity: equity.trim() };
    take.mutate(figures, { onSuccess: onClose });
  }

  function save(): void {
    if (change === null || chosen === null || chosen === 'trading') {
      send();
      return;
    }
    const moved = { kind: chosen, amount: sizeOf(change) };
    note.mutate(moved, {
      onSuccess: () => {
        // Should the figures fail now, they are sent again and the movement is not.
        setBefore(balance.trim());
        send();
      },
    });
  }

  return (
    <Frame
      isWhole={isDecimal(balance) && isDecimal(equity) && (causes.length === 0 || chosen !== null)}
      isBusy={note.isPending || take.isPending}
      error={note.error ?? take.error}
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

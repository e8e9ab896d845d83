import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AccountRisk, CashFlowKind } from '@/api/types';
import { Dialog } from '@/components/ui/dialog';
import { SelectField, TextField } from '@/components/ui/field';
import { RadioCards } from '@/components/ui/radio-cards';
import { isDecimal, sign } from '@/lib/decimal';
import { useNoteCashFlow, usePutDayStart, useSetFloor } from '../queries';
import { hasSettableFloor } from '../rule-words';
import { Amount, Frame } from './correction-frame';
import { Snapshot } from './snapshot-form';

type Asked = 'snapshot' | 'cash' | 'dayStart' | 'floor';

interface CorrectionsProps {
  risk: AccountRisk;
  asked: Asked | null;
  onClose: () => void;
}

const FORMS = { snapshot: Snapshot, cash: Cash, dayStart: DayStart, floor: Floor };

/** What a person knows better than what was measured. */
export function Corrections({ risk, asked, onClose }: CorrectionsProps) {
  const t = useTranslations('risk.corrections');
  const [last, setLast] = useState<Asked>(asked ?? 'snapshot');
  if (asked !== null && asked !== last) setLast(asked);
  const Form = FORMS[last];
  return (
    <Dialog
      isOpen={asked !== null}
      onClose={onClose}
      title={t(`${last}.title`)}
      description={t(`${last}.hint`)}
    >
      {asked !== null && <Form key={last} risk={risk} onClose={onClose} />}
    </Dialog>
  );
}

interface FormProps {
  risk: AccountRisk;
  onClose: () => void;
}

const KINDS: CashFlowKind[] = ['deposit', 'withdrawal', 'payout', 'correction'];

function Cash({ risk, onClose }: FormProps) {
  const t = useTranslations('risk.corrections.cash');
  const [kind, setKind] = useState<CashFlowKind>('deposit');
  const [amount, setAmount] = useState('');
  const note = useNoteCashFlow(risk.account_id);
  return (
    <Frame
      isWhole={isDecimal(amount) && (kind === 'correction' || sign(amount) > 0)}
      isBusy={note.isPending}
      error={note.error}
      onClose={onClose}
      onSave={() => note.mutate({ kind, amount: amount.trim() }, { onSuccess: onClose })}
    >
      <RadioCards
        label={t('kind')}
        value={kind}
        onChange={setKind}
        cards={KINDS.map((each) => ({
          value: each,
          title: t(`kinds.${each}`),
          hint: t(`kindHints.${each}`),
        }))}
      />
      <Amount name="amount" value={amount} onChange={setAmount} currency={risk.currency} />
    </Frame>
  );
}

function DayStart({ risk, onClose }: FormProps) {
  const t = useTranslations('risk.corrections.dayStart');
  const days = risk.rules.flatMap(({ day }) => day ?? []);
  const [label, setLabel] = useState(days[0] ?? risk.computed_at.slice(0, 10));
  const [balance, setBalance] = useState('');
  const [equity, setEquity] = useState('');
  const put = usePutDayStart(risk.account_id);
  return (
    <Frame
      isWhole={isDecimal(balance) && isDecimal(equity) && label !== ''}
      isBusy={put.isPending}
      error={put.error}
      onClose={onClose}
      onSave={() =>
        put.mutate(
          { label, balance: balance.trim(), equity: equity.trim() },
          { onSuccess: onClose },
        )
      }
    >
      <TextField
        type="date"
        label={t('day')}
        defaultValue={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <Amount name="balance" value={balance} onChange={setBalance} currency={risk.currency} />
      <Amount name="equity" value={equity} onChange={setEquity} currency={risk.currency} />
    </Frame>
  );
}

function Floor({ risk, onClose }: FormProps) {
  const t = useTranslations();
  const rules = risk.rules.filter(hasSettableFloor);
  const [ruleId, setRuleId] = useState(rules[0]?.rule_id ?? '');
  const [floor, setFloor] = useState('');
  const [reason, setReason] = useState('');
  const set = useSetFloor(risk.account_id);
  return (
    <Frame
      isWhole={isDecimal(floor) && reason.trim() !== '' && ruleId !== ''}
      isBusy={set.isPending}
      error={set.error}
      onClose={onClose}
      onSave={() =>
        set.mutate(
          { rule_id: ruleId, floor: floor.trim(), reason: reason.trim() },
          { onSuccess: onClose },
        )
      }
    >
      <SelectField
        label={t('risk.corrections.floor.rule')}
        value={ruleId}
        onChange={(event) => setRuleId(event.target.value)}
        options={rules.map(({ rule_id, kind }) => ({
          value: rule_id,
          label: t(`riskWords.kinds.${kind}`),
        }))}
      />
      <Amount name="floor" value={floor} onChange={setFloor} currency={risk.currency} />
      <TextField
        label={t('risk.corrections.floor.reason')}
        onChange={(event) => setReason(event.target.value)}
      />
    </Frame>
  );
}

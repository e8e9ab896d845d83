import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { RiskSummary } from '@/api/types';
import { TextField } from '@/components/ui/field';
import { type Copying, isGood } from '../what-if';

interface EachProps {
  members: readonly RiskSummary[];
  copying: (member: RiskSummary) => Copying;
  /** Something has to be typed: it opens by itself, once. */
  isNeeded: boolean;
  onOpen: () => void;
  onChange: (accountId: string, change: Partial<Copying>) => void;
}

/** How each account would copy the trade, where it is otherwise than assumed. */
export function WhatIfEach({ members, copying, isNeeded, onOpen, onChange }: EachProps) {
  const t = useTranslations('risk.whatIf');
  const [isOpen, setOpen] = useState(isNeeded);
  const [wasNeeded, setNeeded] = useState(isNeeded);
  if (isNeeded && !wasNeeded) {
    setNeeded(true);
    setOpen(true);
  }
  function toggle(isOpen: boolean): void {
    setOpen(isOpen);
    if (isOpen) onOpen();
  }
  return (
    <details open={isOpen} onToggle={(event) => toggle(event.currentTarget.open)}>
      <summary className="min-h-9 w-fit cursor-pointer text-accent text-sm hover:underline">
        {t('each')}
      </summary>
      <div className="mt-2 flex flex-col gap-3">
        <p className="text-muted text-pretty text-sm">{t('notionalHint')}</p>
        {members.map((member) => (
          <AccountFields
            key={member.account_id}
            member={member}
            values={copying(member)}
            onChange={(change) => onChange(member.account_id, change)}
          />
        ))}
      </div>
    </details>
  );
}

const FIELDS = ['ratio', 'step', 'risk', 'notional'] as const;
type Field = (typeof FIELDS)[number];

interface AccountFieldsProps {
  member: RiskSummary;
  values: Copying;
  onChange: (change: Partial<Copying>) => void;
}

/** What is not typed is as assumed, and shown in the background. */
function AccountFields({ member, values, onChange }: AccountFieldsProps) {
  const t = useTranslations('risk.whatIf.fields');
  const [typed, setTyped] = useState<Partial<Copying>>({});
  function type(field: Field, text: string): void {
    const { [field]: _, ...others } = typed;
    const next = text.trim() === '' ? others : { ...typed, [field]: text };
    setTyped(next);
    onChange(next);
  }
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium [overflow-wrap:anywhere]">{member.account_name}</legend>
      <div className="grid grid-cols-2 gap-2">
        {FIELDS.map((field) => (
          <TextField
            key={field}
            label={t(field, { currency: member.currency })}
            inputMode="decimal"
            autoComplete="off"
            placeholder={typed[field] === undefined ? values[field] : ''}
            onChange={(event) => type(field, event.target.value)}
            error={typed[field] === undefined || isGood(typed[field]) ? undefined : 'not_positive'}
          />
        ))}
      </div>
    </fieldset>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { GroupRisk, WhatIf } from '@/api/types';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { TextField } from '@/components/ui/field';
import { whatIfQuery } from '../queries';
import { type Copying, FIRST, isGood, lotsAt, NOTCHES, questionOf } from '../what-if';
import { WhatIfAnswer } from './what-if-answer';

/** How large the next trade may be, so that no account reaches critical when all are stopped out. */
export function WhatIfPanel({ group }: { group: GroupRisk }) {
  const t = useTranslations('risk.whatIf');
  const [everywhere, setEverywhere] = useState('');
  const [typed, setTyped] = useState<Record<string, Partial<Copying>>>({});
  const [lots, setLots] = useState<string | null>(null);
  const copying = (id: string): Copying => ({ ...FIRST, risk: everywhere, ...typed[id] });
  const question = questionOf(group.members, copying, lots);
  const answer = useQuery(whatIfQuery(group.group_id, question));

  return (
    <Card title={t('title')}>
      <p className="mb-3 text-muted text-pretty text-sm">{t('hint')}</p>
      <div className="flex flex-col gap-4">
        <TextField
          label={t('risk')}
          hint={t('riskHint')}
          inputMode="decimal"
          autoComplete="off"
          onChange={(event) => setEverywhere(event.target.value)}
          error={everywhere === '' || isGood(everywhere) ? undefined : 'not_positive'}
        />
        <details>
          <summary className="min-h-9 w-fit cursor-pointer text-accent text-sm hover:underline">
            {t('each')}
          </summary>
          <div className="mt-2 flex flex-col gap-3">
            {group.members.map(({ account_id, account_name, currency }) => (
              <AccountFields
                key={account_id}
                name={account_name}
                currency={currency}
                values={copying(account_id)}
                onChange={(change) =>
                  setTyped({ ...typed, [account_id]: { ...typed[account_id], ...change } })
                }
              />
            ))}
          </div>
        </details>
        {answer.data && question && <Slider answer={answer.data} lots={lots} onChange={setLots} />}
        <ProblemText error={answer.error} />
        {answer.data && question && <WhatIfAnswer answer={answer.data} group={group} lots={lots} />}
      </div>
    </Card>
  );
}

interface SliderProps {
  answer: WhatIf;
  lots: string | null;
  onChange: (lots: string) => void;
}

function Slider({ answer, lots, onChange }: SliderProps) {
  const t = useTranslations('risk.whatIf');
  // It stays where it is while the answer changes under it.
  const [notch, setNotch] = useState(Math.round(NOTCHES / 1.5));
  const most = answer.max_leader_lots ?? '1';
  return (
    <label className="flex flex-col gap-1.5">
      <span className="font-medium">
        {t('size')}{' '}
        <output className="figures">{t('lots', { count: lots ?? lotsAt(notch, most) })}</output>
      </span>
      <input
        type="range"
        min={0}
        max={NOTCHES}
        value={notch}
        aria-valuetext={t('lots', { count: lots ?? lotsAt(notch, most) })}
        onChange={(event) => {
          const next = Number(event.target.value);
          setNotch(next);
          onChange(lotsAt(next, most));
        }}
        className="h-9 touch:h-11 w-full accent-(--accent)"
      />
    </label>
  );
}

interface AccountFieldsProps {
  name: string;
  currency: string;
  values: Copying;
  onChange: (change: Partial<Copying>) => void;
}

function AccountFields({ name, currency, values, onChange }: AccountFieldsProps) {
  const t = useTranslations('risk.whatIf.fields');
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium [overflow-wrap:anywhere]">{name}</legend>
      <div className="grid grid-cols-3 gap-2">
        {(['ratio', 'step', 'risk'] as const).map((field) => (
          <TextField
            key={field}
            label={t(field, { currency })}
            inputMode="decimal"
            autoComplete="off"
            placeholder={values[field]}
            defaultValue={field === 'risk' ? '' : values[field]}
            onChange={(event) =>
              onChange(
                event.target.value === '' && field === 'risk'
                  ? {}
                  : { [field]: event.target.value },
              )
            }
          />
        ))}
      </div>
    </fieldset>
  );
}

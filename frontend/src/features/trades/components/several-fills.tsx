import { Plus } from 'lucide-react';
import { type UseFormReturn, useFieldArray, useWatch } from 'react-hook-form';
import { useTimeZone, useTranslations } from 'use-intl';
import { Figure } from '@/components/figures';
import { Button } from '@/components/ui/button';
import { useFieldText } from '@/components/ui/field';
import { SwitchRow } from '@/components/ui/switch';
import { newFill } from '../fills';
import { inAverages, inFills, positionTold, type TradeForm } from '../form-values';
import { FillFields } from './fill-fields';

/** What rows of fills tell as well. */
const TOLD_EITHER_WAY = [
  'quantity',
  'entry_price',
  'entry_at',
  'exit_price',
  'exit_at',
  'fees',
] as const;

/** Most fills of one trade. */
const MOST_FILLS = 200;

interface Parts {
  form: UseFormReturn<TradeForm>;
}

/** A position that was scaled in or out: its fills row by row, and what they add up to. */
export function SeveralFills({ form }: Parts) {
  const t = useTranslations('trades.form');
  const zone = useTimeZone() ?? 'UTC';
  const isSeveral = useWatch({ control: form.control, name: 'several' });

  function tell(next: TradeForm): void {
    for (const name of TOLD_EITHER_WAY) form.setValue(name, next[name]);
    form.setValue('executions', next.executions);
    form.setValue('several', next.several);
    form.clearErrors();
  }

  return (
    <div className="flex flex-col gap-3">
      <SwitchRow
        label={t('several')}
        hint={t(isSeveral ? 'severalOff' : 'severalHint')}
        isOn={isSeveral}
        onChange={(isOn) => {
          const told = form.getValues();
          tell(isOn ? inFills(told) : inAverages(told, zone));
        }}
      />
      {isSeveral && <FillRows form={form} />}
    </div>
  );
}

function FillRows({ form }: Parts) {
  const t = useTranslations('trades.form');
  const { fields, append, remove } = useFieldArray({ control: form.control, name: 'executions' });

  /** Most follow another of their side soon after it. */
  function addFill(): void {
    const last = form.getValues('executions').at(-1);
    append(newFill(last?.side ?? 'in', last?.at ?? ''), {
      focusName: `executions.${fields.length}.side`,
    });
  }

  /** The focus goes to the row that takes its place. */
  function removeFill(at: number): void {
    remove(at);
    form.setFocus(`executions.${Math.max(0, Math.min(at, fields.length - 2))}.side`);
  }

  return (
    <>
      {fields.map(({ id }, at) => (
        <FillFields
          key={id}
          form={form}
          at={at}
          onRemove={fields.length > 1 ? () => removeFill(at) : undefined}
        />
      ))}
      <FillSums form={form} />
      <div>
        <Button icon={Plus} onClick={addFill} disabled={fields.length >= MOST_FILLS}>
          {t('addFill')}
        </Button>
      </div>
    </>
  );
}

/** Averages by the server's definition, or why there are none. */
function FillSums({ form }: Parts) {
  const t = useTranslations('trades.form');
  const text = useFieldText();
  const zone = useTimeZone() ?? 'UTC';
  const values = useWatch({ control: form.control }) as TradeForm;
  const position = positionTold(values, zone);
  const { executions: faults } = form.formState.errors;
  const fault = position === 'too_much' ? position : (faults?.root?.message ?? faults?.message);
  if (typeof fault === 'string') {
    return (
      <p role="alert" className="text-negative text-sm">
        {text(fault)}
      </p>
    );
  }
  if (position === null || position === 'too_much') return null;
  const sums = [
    { name: t('quantity'), value: position.quantity },
    { name: t('averageEntry'), value: position.entry },
    { name: t('averageExit'), value: position.exit },
    { name: t('stillOpen'), value: position.open },
  ];
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2 sm:grid-cols-4">
      {sums.map(({ name, value }) => (
        <div key={name} className="min-w-0">
          <dt className="text-muted text-sm">{name}</dt>
          <dd className="[overflow-wrap:anywhere]">
            <Figure value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';

export interface RadioCard<Value extends string> {
  value: Value;
  title: string;
  hint: string;
  icon?: LucideIcon;
}

interface RadioCardsProps<Value extends string> {
  label: string;
  /** The label is spoken only. */
  isLabelHidden?: boolean;
  value: Value;
  onChange: (value: Value) => void;
  cards: RadioCard<Value>[];
  /** Side by side where there is room. */
  isRow?: boolean;
}

/** A choice of few, each explained. */
export function RadioCards<Value extends string>({
  label,
  isLabelHidden,
  value,
  onChange,
  cards,
  isRow = false,
}: RadioCardsProps<Value>) {
  const id = useId();
  return (
    <div>
      <p id={id} className={isLabelHidden ? 'sr-only' : 'mb-1.5 font-medium'}>
        {label}
      </p>
      <RadioGroup
        aria-labelledby={id}
        value={value}
        onValueChange={onChange}
        className={isRow ? 'grid gap-2 sm:grid-cols-3' : 'flex flex-col gap-2'}
      >
        {cards.map((card) => (
          <Card key={card.value} card={card} />
        ))}
      </RadioGroup>
    </div>
  );
}

function Card<Value extends string>({ card }: { card: RadioCard<Value> }) {
  const id = useId();
  const Icon = card.icon;
  return (
    <Radio.Root
      value={card.value}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-hint`}
      render={<div />}
      className="group flex cursor-pointer items-start gap-3 rounded-card border border-line p-3 hover:border-edge data-checked:border-accent data-checked:bg-accent-soft"
    >
      <span className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-edge bg-surface-1 group-data-checked:border-accent-fill group-data-checked:bg-accent-fill">
        <Radio.Indicator className="size-1.5 rounded-full bg-on-fill" />
      </span>
      <span className="min-w-0 flex-1">
        <span id={`${id}-title`} className="block font-medium">
          {card.title}
        </span>
        <span id={`${id}-hint`} className="block text-muted text-sm">
          {card.hint}
        </span>
      </span>
      {Icon && (
        <Icon
          aria-hidden
          size={20}
          className="mt-0.5 shrink-0 text-muted group-data-checked:text-accent"
        />
      )}
    </Radio.Root>
  );
}

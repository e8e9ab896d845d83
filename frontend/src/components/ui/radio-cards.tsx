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
  /** Null: nothing is chosen yet. */
  value: Value | null;
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
      <div
        role="radiogroup"
        aria-labelledby={id}
        className={isRow ? 'grid gap-2 sm:grid-cols-3' : 'flex flex-col gap-2'}
      >
        {cards.map((card) => (
          <Card
            key={card.value}
            card={card}
            name={id}
            isChosen={card.value === value}
            onChoose={() => onChange(card.value)}
          />
        ))}
      </div>
    </div>
  );
}

interface CardProps<Value extends string> {
  card: RadioCard<Value>;
  /** Of the group: arrow keys go from one to the next. */
  name: string;
  isChosen: boolean;
  onChoose: () => void;
}

function Card<Value extends string>({ card, name, isChosen, onChoose }: CardProps<Value>) {
  const id = useId();
  const Icon = card.icon;
  return (
    <div className="group relative flex items-start gap-3 rounded-card border border-line p-3 outline-accent outline-offset-2 hover:border-edge has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2">
      {/* The whole card is the control. */}
      <input
        type="radio"
        name={name}
        value={card.value}
        checked={isChosen}
        onChange={onChoose}
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-hint`}
        className="absolute inset-0 cursor-pointer opacity-0"
      />
      <span className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-edge bg-surface-1 group-has-checked:border-accent-fill group-has-checked:bg-accent-fill">
        <span className="size-1.5 rounded-full bg-on-fill opacity-0 group-has-checked:opacity-100" />
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
          className="mt-0.5 shrink-0 text-muted group-has-checked:text-accent"
        />
      )}
    </div>
  );
}

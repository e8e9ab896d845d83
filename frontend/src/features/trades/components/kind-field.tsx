import { useId } from 'react';
import { useTranslations } from 'use-intl';
import { KINDS, type TradeForm } from '../form-values';

type Kind = TradeForm['kind'];

interface KindFieldProps {
  value: Kind;
  onChange: (kind: Kind) => void;
}

/** Long, short, call or put, side by side. */
export function KindField({ value, onChange }: KindFieldProps) {
  const t = useTranslations('trades.form');
  const id = useId();
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 font-medium">{t('kind')}</legend>
      <div className="grid grid-cols-4 overflow-hidden rounded-card border border-edge">
        {KINDS.map((kind) => (
          <label
            key={kind}
            className="relative flex h-9 touch:h-11 cursor-pointer items-center justify-center border-line border-l outline-accent -outline-offset-2 first:border-l-0 hover:bg-surface-2 has-checked:bg-accent-soft has-checked:font-medium has-checked:text-accent has-focus-visible:outline-2"
          >
            <input
              type="radio"
              name={id}
              value={kind}
              checked={kind === value}
              onChange={() => onChange(kind)}
              className="absolute inset-0 cursor-pointer opacity-0"
            />
            {t(`kinds.${kind}`)}
          </label>
        ))}
      </div>
      <p className="mt-1.5 text-muted text-sm">{t('kindHint')}</p>
    </fieldset>
  );
}

import { useId } from 'react';
import { useTranslations } from 'use-intl';
import type { ShareSection } from '@/api/types';
import { SECTIONS } from '../share';

interface SectionTicksProps {
  ticked: ReadonlySet<ShareSection>;
  /** None is ticked, and one has to be. */
  isMissing: boolean;
  onChange: (ticked: ReadonlySet<ShareSection>) => void;
}

/** The parts of what a link shows, to be ticked. */
export function SectionTicks({ ticked, isMissing, onChange }: SectionTicksProps) {
  const t = useTranslations('shares');
  const note = useId();
  return (
    <fieldset className="min-w-0" aria-describedby={isMissing ? note : undefined}>
      <legend className="mb-1.5 font-medium">{t('form.sections')}</legend>
      <div className="grid grid-cols-2 gap-2">
        {SECTIONS.map((section) => (
          <label
            key={section}
            className="flex min-h-9 touch:min-h-11 cursor-pointer items-center gap-2"
          >
            <input
              type="checkbox"
              className="size-4 shrink-0 accent-accent-fill"
              checked={ticked.has(section)}
              onChange={(event) => {
                const next = new Set(ticked);
                if (event.currentTarget.checked) next.add(section);
                else next.delete(section);
                onChange(next);
              }}
            />
            {t(`sections.${section}`)}
          </label>
        ))}
      </div>
      {isMissing && (
        <p id={note} className="text-negative text-sm">
          {t('form.noSection')}
        </p>
      )}
    </fieldset>
  );
}

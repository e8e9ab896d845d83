import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { WhatIf } from '@/api/types';
import { lotsAt, NOTCHES } from '../what-if';

interface SliderProps {
  answer: WhatIf;
  lots: string | null;
  onChange: (lots: string) => void;
}

/** Another size of the leader to ask about. */
export function WhatIfSlider({ answer, lots, onChange }: SliderProps) {
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

import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { MarksSource, OwnMarks, UsualMarks } from '@/api/types';
import { Later } from '@/components/later';
import { Card } from '@/components/page';
import { Button } from '@/components/ui/button';
import { CLASSES, type MarkClass, over } from '../marks';
import type { MarksPlace, NewMarks } from '../marks-queries';
import { MarksPreview } from './marks-preview';
import { useMarksSource } from './marks-source';

const MarksDialog = lazy(async () => ({ default: (await import('./marks-form')).MarksDialog }));

/** How the marks of a place are saved. */
export interface SavingMarks {
  /** Of what is there now. */
  version: number;
  isBusy: boolean;
  error: Error | null;
  save: (marks: NewMarks, onSaved: () => void) => void;
}

export interface MarksCardProps {
  place: MarksPlace;
  /** What the place sets itself. */
  own: OwnMarks | null;
  /** What holds where it sets nothing, and from where. */
  usual: UsualMarks;
  usualFrom: Record<MarkClass, MarksSource>;
  saving: SavingMarks;
}

/** From how much room on limits are caution and critical, and who decided that. */
export function MarksCard({ place, own, usual, usualFrom, saving }: MarksCardProps) {
  const t = useTranslations('riskMarks');
  const source = useMarksSource();
  const [isEditing, setEditing] = useState(false);
  const shown = over(own, usual);
  return (
    <Card title={t('title')}>
      <p className="mb-3 text-muted text-pretty text-sm">
        {t(`hint.${place.scope}`)} {t('guards.hint')}
      </p>
      <dl className="flex flex-col gap-3">
        {CLASSES.map((each) => (
          <div key={each}>
            <dt className="font-medium">{t(`classes.${each}`)}</dt>
            <dd>
              <span className="figures">{t('value', { ...shown[each] })}</span>
              <MarksPreview marks={shown[each]} />
              <span className="text-muted text-sm">
                {own?.[each] ? t(`own.${place.scope}`) : source(usualFrom[each])}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      <div className="mt-3">
        <Button onClick={() => setEditing(true)}>{t('change')}</Button>
      </div>
      <Later isWanted={isEditing}>
        <MarksDialog
          isOpen={isEditing}
          place={place}
          own={own}
          usual={usual}
          saving={saving}
          onClose={() => setEditing(false)}
        />
      </Later>
    </Card>
  );
}

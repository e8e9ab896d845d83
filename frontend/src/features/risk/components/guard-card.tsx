import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Guard } from '@/api/types';
import { Later } from '@/components/later';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Button } from '@/components/ui/button';
import { GUARD_ICONS, type Guarded } from '../guard-looks';
import type { GuardPlace } from '../guard-queries';
import type { Saving } from './guard-form';
import { GuardTrips } from './guard-trips';

const GuardDialog = lazy(async () => ({ default: (await import('./guard-form')).GuardDialog }));

interface GuardCardProps {
  place: GuardPlace;
  /** Null: it is off. */
  guard: Guard | null;
  /** The accounts that can trip it. */
  guarded: readonly Guarded[];
  saving: Saving;
}

/** What happens by itself when an account stands badly, and what did. */
export function GuardCard({ place, guard, guarded, saving }: GuardCardProps) {
  const t = useTranslations('risk.guard');
  const words = useTranslations('riskWords');
  const [isEditing, setEditing] = useState(false);
  const [isHistory, setHistory] = useState(false);
  const choice = guard?.action ?? 'off';
  return (
    <Card
      title={t('title')}
      aside={
        <span className="mr-2">
          <Pill tone={guard ? 'accent' : 'neutral'} icon={GUARD_ICONS[choice]}>
            {t(`choices.${choice}`)}
          </Pill>
        </span>
      }
    >
      <p className="text-pretty">
        {guard
          ? t(`says.${guard.action}.${place.scope}`, {
              status: words(`status.${guard.status}`),
            })
          : t(`says.off.${place.scope}`)}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button onClick={() => setEditing(true)}>{t(guard ? 'change' : 'setUp')}</Button>
        <Button look="quiet" aria-expanded={isHistory} onClick={() => setHistory(!isHistory)}>
          {t('history')}
        </Button>
      </div>
      {isHistory && <GuardTrips place={place} />}
      <Later isWanted={isEditing}>
        <GuardDialog
          isOpen={isEditing}
          place={place}
          guard={guard}
          guarded={guarded}
          saving={saving}
          onClose={() => setEditing(false)}
        />
      </Later>
    </Card>
  );
}

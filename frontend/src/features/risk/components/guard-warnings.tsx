import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Guard } from '@/api/types';
import { type GuardAction, type Guarded, standingOf } from '../guard-looks';
import type { GuardPlace } from '../guard-queries';

/** `FTMO-3 (Critical), APEX-1 (Caution)`. */
function useStandingText(): (standing: readonly Guarded[]) => string {
  const t = useTranslations('riskWords.status');
  return (standing) =>
    standing
      .map((each) => {
        const status = standingOf(each);
        return status ? `${each.name} (${t(status)})` : each.name;
      })
      .join(', ');
}

interface ActsAtOnceProps {
  place: GuardPlace;
  action: GuardAction;
  standing: readonly Guarded[];
}

/** That saving is enough for the guard to act. */
export function ActsAtOnce({ place, action, standing }: ActsAtOnceProps) {
  const t = useTranslations('risk.guard');
  const text = useStandingText();
  return (
    <div
      role="status"
      className="flex items-start gap-3 rounded-card border border-caution/50 bg-surface-2 px-3 py-2.5"
    >
      <TriangleAlert aria-hidden size={20} className="mt-0.5 shrink-0 text-caution" />
      <div className="min-w-0 text-pretty">
        <p className="font-medium [overflow-wrap:anywhere]">
          {t('standing', { names: text(standing) })}
        </p>
        <p>{t(`atOnce.${action}`, { name: place.name })}</p>
      </div>
    </div>
  );
}

/** What a guard does while it cannot see, and whom it cannot see now. */
export function Blind({ names }: { names: readonly string[] }) {
  const t = useTranslations('risk.guard');
  return (
    <p className="text-muted text-pretty text-sm">
      {t('blind')}
      {names.length > 0 && (
        <span className="text-ink"> {t('blindNow', { names: names.join(', ') })}</span>
      )}
    </p>
  );
}

interface SureProps {
  place: GuardPlace;
  guard: Guard;
  standing: readonly Guarded[];
}

/** The last question before something is stopped or closed at once, or may be closed by itself later. */
export function Sure({ place, guard, standing }: SureProps) {
  const t = useTranslations();
  const text = useStandingText();
  const status = t(`riskWords.status.${guard.status}`);
  return (
    <div role="alert" className="flex flex-col gap-2 text-pretty [overflow-wrap:anywhere]">
      {standing.length > 0 ? (
        <>
          <p className="font-medium">{t('risk.guard.standing', { names: text(standing) })}</p>
          <p className="font-medium">
            {t(`risk.guard.atOnce.${guard.action}`, { name: place.name })}
          </p>
        </>
      ) : (
        <p className="font-medium">
          {t(`risk.guard.sure.${place.scope}`, { name: place.name, status })}
        </p>
      )}
      {guard.action === 'close_all' && <p>{t('risk.guard.sureHint')}</p>}
    </div>
  );
}

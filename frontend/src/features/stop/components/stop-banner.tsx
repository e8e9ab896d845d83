import { useQuery } from '@tanstack/react-query';
import { LoaderCircle, OctagonX } from 'lucide-react';
import { lazy, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { StopState } from '@/api/types';
import { Later } from '@/components/later';
import { Moment } from '@/components/time';
import { isUnderWay, stopQuery } from '../queries';

const ResumeDialog = lazy(async () => ({
  default: (await import('./resume-dialog')).ResumeDialog,
}));

type Stop = StopState['stops'][number];

interface StopBannerProps {
  /** Name of one of the user's accounts or groups. */
  nameOf: (id: string) => string | undefined;
  onShow: (operationId: string) => void;
}

/** Above every page while copying is stopped or copies are being closed. */
export function StopBanner({ nameOf, onShow }: StopBannerProps) {
  const t = useTranslations('stop');
  const [resumed, setResumed] = useState<Stop | null>(null);
  const state = useQuery(stopQuery).data;
  const closing = state?.operations.filter(
    (operation) => isUnderWay(operation) && operation.total > 0,
  );
  const name = (stop: Stop) => {
    const id = stop.account_id ?? stop.group_id;
    return id === null ? '' : (nameOf(id) ?? '…');
  };
  return (
    <>
      {closing?.map(({ id, done, total }) => (
        <Strip key={id} icon={<LoaderCircle aria-hidden size={16} className="animate-spin" />}>
          <span>{t('bannerProgress', { done, total })}</span>
          <StripButton onClick={() => onShow(id)} label={t('showProgress')}>
            {t('showProgress')}
          </StripButton>
        </Strip>
      ))}
      {state?.stops.map((stop) => (
        <Strip
          key={stop.account_id ?? stop.group_id ?? 'all'}
          icon={<OctagonX aria-hidden size={16} />}
        >
          <span>
            {t(`banner.${stop.scope}`, { name: name(stop) })}{' '}
            <span className="max-sm:sr-only">
              {t('bannerHint')} ({t.rich('since', { at: () => <Moment at={stop.since} /> })})
            </span>
          </span>
          <StripButton
            onClick={() => setResumed(stop)}
            label={stop.scope === 'all' ? t('resumeAll') : t('resumeNamed', { name: name(stop) })}
          >
            {t('resume')}
          </StripButton>
        </Strip>
      ))}
      <Later isWanted={resumed !== null}>
        <ResumeDialog
          stop={resumed}
          name={resumed ? name(resumed) : ''}
          onClose={() => setResumed(null)}
        />
      </Later>
    </>
  );
}

function Strip({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div
      role="status"
      className="flex items-center gap-2.5 border-line border-b bg-violated px-4 py-1.5 text-on-fill sm:px-6 [&>svg]:shrink-0 [&>span]:min-w-0 [&>span]:flex-1"
    >
      {icon}
      {children}
    </div>
  );
}

interface StripButtonProps {
  onClick: () => void;
  label: string;
  children: ReactNode;
}

function StripButton({ onClick, label, children }: StripButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      onClick={onClick}
      className="h-8 touch:h-11 shrink-0 rounded-card border border-on-fill/60 px-3 font-medium hover:bg-on-fill/15 focus-visible:outline-on-fill"
    >
      {children}
    </button>
  );
}

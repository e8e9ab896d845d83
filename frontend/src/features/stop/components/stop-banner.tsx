import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { LoaderCircle, OctagonX, ShieldAlert } from 'lucide-react';
import { lazy, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { GuardTrip, StopState } from '@/api/types';
import { Later } from '@/components/later';
import { Moment } from '@/components/time';
import { prepareTexts } from '@/lib/i18n/provider';
import { isUnderWay, stopQuery } from '../queries';

const ResumeDialog = lazy(async () => {
  const [{ ResumeDialog }] = await Promise.all([
    import('./resume-dialog'),
    prepareTexts('stopping'),
  ]);
  return { default: ResumeDialog };
});

type Stop = StopState['stops'][number];

interface StopBannerProps {
  /** Name of one of the user's accounts or groups. */
  nameOf: (id: string) => string | undefined;
  /** What a guard did there that stands. */
  useTrip: (stop: Stop) => GuardTrip | undefined;
  /** Of the account or group whose own page is open and tells of its guard. */
  toldBelow: string | undefined;
  onShow: (operationId: string) => void;
}

interface Resumed {
  stop: Stop;
  isOfGuard: boolean;
}

/** Above every page while copying is stopped or copies are being closed. */
export function StopBanner({ nameOf, useTrip, toldBelow, onShow }: StopBannerProps) {
  const t = useTranslations('stop');
  const [resumed, setResumed] = useState<Resumed | null>(null);
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
        <Stopped
          key={stop.account_id ?? stop.group_id ?? 'all'}
          stop={stop}
          name={name(stop)}
          useTrip={useTrip}
          toldBelow={toldBelow}
          onResume={setResumed}
        />
      ))}
      <Later isWanted={resumed !== null}>
        <ResumeDialog
          stop={resumed?.stop ?? null}
          name={resumed ? name(resumed.stop) : ''}
          isOfGuard={resumed?.isOfGuard ?? false}
          onClose={() => setResumed(null)}
        />
      </Later>
    </>
  );
}

interface StoppedProps extends Pick<StopBannerProps, 'useTrip' | 'toldBelow'> {
  stop: Stop;
  name: string;
  onResume: (resumed: Resumed) => void;
}

function Stopped({ stop, name, useTrip, toldBelow, onResume }: StoppedProps) {
  const t = useTranslations('stop');
  const trip = useTrip(stop);
  if (trip && trip.scope_id === toldBelow) return null;
  return (
    <Strip icon={trip ? <ShieldAlert aria-hidden size={16} /> : <OctagonX aria-hidden size={16} />}>
      <span>
        {trip ? <OfGuard trip={trip} name={name} /> : t(`banner.${stop.scope}`, { name })}{' '}
        <span className="max-sm:sr-only">
          {t('bannerHint')} ({t.rich('since', { at: () => <Moment at={trip?.at ?? stop.since} /> })}
          )
        </span>
      </span>
      <StripButton
        onClick={() => onResume({ stop, isOfGuard: trip !== undefined })}
        label={stop.scope === 'all' ? t('resumeAll') : t('resumeNamed', { name })}
      >
        {t('resume')}
      </StripButton>
    </Strip>
  );
}

/** Whose guard stopped copying, and what made it. The name leads to all that is known of it. */
function OfGuard({ trip, name }: { trip: GuardTrip; name: string }) {
  const t = useTranslations();
  const { scope, scope_id: id, account_name: account, kind, status } = trip;
  const look = 'font-medium underline underline-offset-2 focus-visible:outline-on-fill';
  const place = () =>
    scope === 'group' ? (
      <Link to="/groups/$groupId" params={{ groupId: id }} className={look}>
        {name}
      </Link>
    ) : (
      <Link to="/risk/$accountId" params={{ accountId: id }} className={look}>
        {name}
      </Link>
    );
  const what = [
    ...(scope === 'group' ? [account] : []),
    ...(kind ? [t(`riskWords.kinds.${kind}`)] : []),
    t(`riskWords.status.${status}`),
  ];
  return t.rich('stop.bannerGuard', { place, what: what.join(', ') });
}

function Strip({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div
      role="status"
      className="settling flex items-center gap-2.5 border-line border-b bg-violated px-4 py-1.5 text-on-fill sm:px-6 [&>svg]:shrink-0 [&>span]:min-w-0 [&>span]:flex-1"
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

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { PastGuardTrip } from '@/api/types';
import { Failure, Loading } from '@/components/states';
import { Moment } from '@/components/time';
import { type GuardPlace, guardTripsQuery } from '../guard-queries';
import { What } from './guard-banner';

/** What a guard did, newest first. */
export function GuardTrips({ place }: { place: GuardPlace }) {
  const t = useTranslations('risk.guard');
  const trips = useQuery(guardTripsQuery(place));
  if (trips.isPending) return <Loading rows={2} />;
  if (trips.isLoadingError) {
    return <Failure error={trips.error} onRetry={() => void trips.refetch()} />;
  }
  if (trips.data.items.length === 0) return <p className="mt-3 text-muted">{t('never')}</p>;
  return (
    <ol
      aria-label={t('history')}
      className="mt-3 divide-y divide-line border-line border-t text-sm"
    >
      {trips.data.items.map((trip) => (
        <Past key={trip.id} trip={trip} />
      ))}
    </ol>
  );
}

function Past({ trip }: { trip: PastGuardTrip }) {
  const t = useTranslations('risk.guard');
  const { resumed_at, resumed_by_name } = trip;
  return (
    <li className="flex flex-col gap-0.5 py-2.5">
      <p className="text-pretty">
        <What trip={trip} /> {t(`past.${trip.action}`)}
      </p>
      <p className="text-muted text-pretty">
        <Moment at={trip.at} format="full" />
        {' · '}
        {resumed_at
          ? t.rich(resumed_by_name ? 'resumedBy' : 'replaced', {
              name: resumed_by_name ?? '',
              at: () => <Moment at={resumed_at} format="full" />,
            })
          : t('stands')}
      </p>
    </li>
  );
}

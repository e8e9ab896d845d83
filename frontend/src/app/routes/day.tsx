import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useFormatter, useTimeZone, useTranslations } from 'use-intl';
import { Delta, Percent } from '@/components/figures';
import { PageHeader, Tile, Tiles } from '@/components/page';
import { Failure } from '@/components/states';
import { TimeZoneNote } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { CountedNote, OfChosen } from '@/features/stats/components/counted';
import { chosenAccounts, isAnybody, statsFilterOf } from '@/features/stats/filter';
import { statsQuery } from '@/features/stats/queries';
import { DayTrades } from '@/features/trades/components/day-trades';
import { isDay } from '@/lib/day';
import { daysAfter } from '@/lib/zone';
import { useCounted } from '../counted';
import { NotFound } from '../page-states';

const route = getRouteApi('/signed-in/trades/days/$day');

export function DayPage() {
  const { day } = route.useParams();
  return isDay(day) ? <Day key={day} day={day} /> : <NotFound />;
}

/** What one day brought: the trades that closed on it. */
function Day({ day }: { day: string }) {
  const t = useTranslations('stats');
  const format = useFormatter();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useTimeZone() ?? 'UTC';
  const read = useQuery(accountsQuery);
  const accounts = read.data?.items ?? [];
  const { account, currency } = search;
  const counted = useCounted();
  const chosen = chosenAccounts(search, counted);
  const filter = statsFilterOf({ from: day, to: day }, zone);
  const asked = useQuery({
    ...statsQuery({ ...filter, ...(chosen && { account_id: chosen }) }),
    enabled: isAnybody(chosen),
  }).data;
  const stats = isAnybody(chosen) ? asked : undefined;
  const title = format.dateTime(new Date(`${day}T00:00:00Z`), {
    dateStyle: 'full',
    timeZone: 'UTC',
  });
  const step = (count: number) => ({ params: { day: daysAfter(day, count) }, search });
  if (read.isLoadingError) {
    return <Failure isPage error={read.error} onRetry={() => void read.refetch()} />;
  }
  return (
    <>
      <PageHeader
        title={title}
        intro={
          <Link
            to="/trades/calendar"
            search={{ ...search, month: day.slice(0, 7) }}
            className="text-accent hover:underline"
          >
            {t('calendar.title')}
          </Link>
        }
        actions={
          <>
            <Link to="/trades/days/$day" {...step(-1)} className={buttonClass('secondary')}>
              <ChevronLeft aria-hidden size={16} />
              {t('calendar.dayBefore')}
            </Link>
            <Link to="/trades/days/$day" {...step(1)} className={buttonClass('secondary')}>
              {t('calendar.dayAfter')}
              <ChevronRight aria-hidden size={16} />
            </Link>
          </>
        }
      />
      {stats?.currency && (
        <Tiles>
          <Tile label={t('figures.total.name')}>
            <Delta value={stats.total_pnl} currency={stats.currency} />
          </Tile>
          <Tile label={t('slices.trades')}>
            <span className="figures">{stats.trades}</span>
          </Tile>
          <Tile label={t('figures.winRate.name')}>
            <Percent value={stats.win_rate} />
          </Tile>
          <Tile label={t('slices.won')}>
            <span className="figures">
              {stats.wins} : {stats.losses}
            </span>
          </Tile>
        </Tiles>
      )}
      {!account && <CountedNote counted={counted} />}
      <OfChosen chosen={chosen}>
        <DayTrades
          day={day}
          zone={zone}
          accountId={account}
          currency={account ? undefined : currency}
          only={chosen ?? undefined}
          accounts={new Map(accounts.map((each) => [each.id, each]))}
          onOpen={({ id }) => void navigate({ to: '/trades', search: { trade: id } })}
        />
      </OfChosen>
      <TimeZoneNote />
    </>
  );
}

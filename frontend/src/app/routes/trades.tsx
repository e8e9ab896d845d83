import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { CalendarDays, FileUp, Plus } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTimeZone, useTranslations } from 'use-intl';
import type { Trade } from '@/api/types';
import { stepRow, tickRow } from '@/components/data-rows';
import { Later } from '@/components/later';
import { PageHeader } from '@/components/page';
import { useShortcuts } from '@/components/shortcuts';
import { TimeZoneNote } from '@/components/time';
import { Button, buttonClass } from '@/components/ui/button';
import { accountsQuery } from '@/features/accounts/queries';
import { groupsQuery } from '@/features/groups/queries';
import { ExportButton } from '@/features/trades/components/export-button';
import { LivePrices } from '@/features/trades/components/live-prices';
import { type Chosen, SelectionBar, useChoiceColumn } from '@/features/trades/components/selection';
import { TradeFilters } from '@/features/trades/components/trade-filters';
import { TradeList } from '@/features/trades/components/trade-list';
import { filterOf } from '@/features/trades/filter';
import {
  FIRST_SORT,
  isNarrowed,
  present,
  readTradesSearch,
  type TradesSearch,
} from '@/features/trades/search';
import { prepareTexts } from '@/lib/i18n/provider';
import { remembered } from '@/lib/remembered';
import { useVenueNames } from '../venue-names';

const route = getRouteApi('/signed-in/trades');

/** With what a drawer needs, when somebody opens a trade. */
const TradeDrawer = lazy(async () => {
  const { TradeDrawer } = await import('@/features/trades/components/trade-drawer');
  return { default: TradeDrawer };
});

const TradeActions = lazy(async () => {
  const { TradeActions } = await import('@/features/trades/components/trade-actions');
  return { default: TradeActions };
});

/** With its form and what is said of pictures, when somebody types a trade in. */
const TradeDialog = lazy(async () => {
  const [{ TradeDialog }] = await Promise.all([
    import('@/features/trades/components/trade-dialog'),
    prepareTexts('picturing'),
  ]);
  return { default: TradeDialog };
});

/** With its words, when somebody has a file. */
const ImportDialog = lazy(async () => {
  const [{ ImportDialog }] = await Promise.all([
    import('@/features/trades/components/import-dialog'),
    prepareTexts('importing'),
  ]);
  return { default: ImportDialog };
});

export function TradesPage() {
  const t = useTranslations('trades');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useTimeZone() ?? 'UTC';
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const byId = new Map(accounts.map((each) => [each.id, each]));
  const named = useVenueNames(accounts);
  const [chosen, setChosen] = useState<Chosen>(new Set());
  const choice = useChoiceColumn({ chosen, onChange: setChosen });
  /** The trade in the form; `new`: none yet. */
  const [edited, setEdited] = useState<Trade | 'new' | null>(search.add ? 'new' : null);
  const [isImporting, setImporting] = useState(false);

  const filter = filterOf(search, zone);
  const likely = search.account ?? remembered('account') ?? undefined;
  const show = (next: TradesSearch) => void navigate({ search: next, replace: true });
  const open = (trade: string | undefined) =>
    void navigate({ search: present({ ...search, trade }), resetScroll: false });
  const close = () => {
    setEdited(null);
    if (search.add) show(present({ ...search, add: undefined }));
  };
  useShortcuts({
    j: () => stepRow(1),
    k: () => stepRow(-1),
    x: tickRow,
    ...(accounts.length > 0 && { n: () => setEdited('new') }),
  });
  const add = accounts.length > 0 && (
    <Button look="primary" icon={Plus} onClick={() => setEdited('new')}>
      {t('add')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={add} />
      <TradeFilters accounts={named} groups={groups} search={search} onChange={show} />
      <div className="mb-3 flex flex-wrap gap-2">
        <Link to="/trades/calendar" className={buttonClass('secondary')}>
          <CalendarDays aria-hidden size={16} />
          {t('calendar')}
        </Link>
        {accounts.length > 0 && (
          <Button icon={FileUp} onClick={() => setImporting(true)}>
            {t('import')}
          </Button>
        )}
        <ExportButton filter={filter} />
      </div>
      <TradeList
        accounts={byId}
        filter={filter}
        onOpen={({ id }) => open(id)}
        lead={choice}
        bar={(rows) => (
          <>
            <LivePrices trades={rows} />
            <SelectionBar chosen={chosen} onChange={setChosen} rows={rows} />
          </>
        )}
        sorting={{
          by: search.sort ?? FIRST_SORT,
          onChange: (sort) => show(readTradesSearch({ ...search, sort })),
        }}
        isNarrowed={isNarrowed(search)}
        action={
          isNarrowed(search) ? (
            <Link to="/trades" search={{}} className={buttonClass('secondary')}>
              {t('clear')}
            </Link>
          ) : (
            add
          )
        }
      />
      <Later isWanted={search.trade !== undefined}>
        <TradeDrawer
          tradeId={search.trade}
          accounts={byId}
          onClose={() => open(undefined)}
          actions={(trade) => (
            <TradeActions
              trade={trade}
              onEdit={() => setEdited(trade)}
              onDeleted={() => open(undefined)}
            />
          )}
        />
      </Later>
      {/* Its first account is chosen as it opens, so they are there before. */}
      <Later isWanted={edited !== null && accounts.length > 0}>
        <TradeDialog
          key={typeof edited === 'string' ? edited : edited?.id}
          isOpen={edited !== null}
          onClose={close}
          accounts={named}
          accountId={likely}
          trade={typeof edited === 'object' && edited ? edited : undefined}
        />
      </Later>
      <Later isWanted={isImporting}>
        <ImportDialog
          isOpen={isImporting}
          onClose={() => setImporting(false)}
          accounts={named}
          accountId={likely}
        />
      </Later>
      <TimeZoneNote />
    </>
  );
}

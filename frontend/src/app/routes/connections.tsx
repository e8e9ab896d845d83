import { getRouteApi, Link } from '@tanstack/react-router';
import { Plug } from 'lucide-react';
import { lazy } from 'react';
import { useTranslations } from 'use-intl';
import { useTopic } from '@/api/stream/react';
import { Later } from '@/components/later';
import { PageHeader } from '@/components/page';
import { TimeZoneNote } from '@/components/time';
import { Button, buttonClass } from '@/components/ui/button';
import { ConnectionList } from '@/features/exchange/components/connection-list';
import { NEW_CONNECTION } from '../search';

const ConnectDialog = lazy(async () => {
  const { ConnectDialog } = await import('@/features/exchange/components/connect-dialog');
  return { default: ConnectDialog };
});

const route = getRouteApi('/signed-in/connections');

/** Keys at exchanges. Which one is being entered stands in the address, so that other pages lead there. */
export function ConnectionsPage() {
  const t = useTranslations('connections');
  const { connect } = route.useSearch();
  const navigate = route.useNavigate();
  useTopic('accounts');
  const ask = (accountId: string | undefined) =>
    void navigate({ search: accountId === undefined ? {} : { connect: accountId } });
  const add = (
    <Button look="primary" icon={Plug} onClick={() => ask(NEW_CONNECTION)}>
      {t('add')}
    </Button>
  );
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          <>
            <Link to="/guides/bingx" className={buttonClass('secondary')}>
              {t('guide')}
            </Link>
            {add}
          </>
        }
      />
      <ConnectionList add={add} onConnect={({ id }) => ask(id)} />
      <Later isWanted={connect !== undefined}>
        <ConnectDialog
          accountId={connect ?? null}
          isOpen={connect !== undefined}
          onChoose={ask}
          onClose={() => ask(undefined)}
        />
      </Later>
      <TimeZoneNote />
    </>
  );
}

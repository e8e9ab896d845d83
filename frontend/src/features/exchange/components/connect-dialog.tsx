import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, ExchangeKey } from '@/api/types';
import { Failure, Loading } from '@/components/states';
import { Dialog } from '@/components/ui/dialog';
import { exchangeKeysQuery } from '../known-keys';
import { venueAccountsQuery } from '../queries';
import { ChooseAccount } from './choose-account';
import { Outcome } from './connected';
import { HowTo } from './how-to';
import { KeyForm } from './key-form';

interface ConnectDialogProps {
  /** Which account; null: not chosen yet. */
  accountId: string | null;
  isOpen: boolean;
  onChoose: (accountId: string) => void;
  onClose: () => void;
}

/** Whose key is entered, and what it had when the window opened: nothing may change under its reader. */
interface Asked {
  id: string;
  present: ExchangeKey | null;
}

/** From an account to a key that works: whose, how it is made, what BingX says of it. */
export function ConnectDialog({ accountId, isOpen, onChoose, onClose }: ConnectDialogProps) {
  const t = useTranslations('connect');
  const accounts = useQuery(venueAccountsQuery).data ?? [];
  const query = useQuery(exchangeKeysQuery);
  const keys = query.data;
  const [asked, setAsked] = useState<Asked | null>(null);
  const bingx = accounts.filter(({ platform }) => platform === 'bingx');
  const account = bingx.find(({ id }) => id === accountId);
  const wanted = isOpen && keys ? account?.id : undefined;
  if (wanted !== undefined && wanted !== asked?.id) {
    const present = keys?.items.find(({ account_id }) => account_id === wanted) ?? null;
    setAsked({ id: wanted, present });
  }
  if (!isOpen && asked) setAsked(null);

  const title = account
    ? t(asked?.present ? 'titleReplace' : 'titleOf', { name: account.name })
    : t('title');
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title} isWide={account !== undefined}>
      {query.isPending && <Loading rows={3} />}
      {query.isLoadingError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {account && asked && (
        <OneAccount key={asked.id} account={account} asked={asked} onClose={onClose} />
      )}
      {!account && keys && (
        <ChooseAccount accounts={bingx} onChoose={onChoose} onCancel={onClose} />
      )}
    </Dialog>
  );
}

interface OneAccountProps {
  account: Account;
  asked: Asked;
  onClose: () => void;
}

function OneAccount({ account, asked, onClose }: OneAccountProps) {
  const addresses = useQuery(exchangeKeysQuery).data?.egress_addresses ?? [];
  const [wasTaken, setTaken] = useState(false);
  if (wasTaken) {
    return <Outcome account={account} onClose={onClose} onAgain={() => setTaken(false)} />;
  }
  return (
    <div className="grid items-start gap-x-8 gap-y-5 sm:grid-cols-2">
      <HowTo addresses={addresses} />
      <KeyForm
        accountId={account.id}
        present={asked.present}
        onCancel={onClose}
        onTaken={() => setTaken(true)}
      />
    </div>
  );
}

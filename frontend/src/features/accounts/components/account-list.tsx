import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Wallet } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Money } from '@/components/figures';
import { Card } from '@/components/page';
import { Presence } from '@/components/presence';
import { Empty, Failure, Loading } from '@/components/states';
import { accountsQuery } from '../queries';
import { AccountMenu } from './account-menu';
import { ActiveSwitch } from './active-switch';
import { RoleBadge } from './role-badge';

interface AccountListProps {
  /** The button for the first one. */
  add: ReactNode;
  /** How far an account is from its lines. */
  room: (accountId: string) => ReactNode;
  /** Whose money an account moves. */
  badge: (account: Account) => ReactNode;
}

/** The user's accounts with what can be done to each. */
export function AccountList({ add, room, badge }: AccountListProps) {
  const t = useTranslations('accounts');
  const columns = useColumns(room, badge);
  const accounts = useQuery(accountsQuery);

  if (accounts.isPending)
    return (
      <Card isFlush>
        <Loading />
      </Card>
    );
  if (accounts.isLoadingError) {
    return (
      <Card isFlush>
        <Failure error={accounts.error} onRetry={() => void accounts.refetch()} />
      </Card>
    );
  }
  const { items } = accounts.data;
  if (items.length === 0) {
    return (
      <Card isFlush>
        <Empty icon={Wallet} title={t('empty')} hint={t('emptyHint')} action={add} />
      </Card>
    );
  }

  const online = items.filter((account) => account.online).length;
  return (
    <Card isFlush>
      <DataTable
        label={t('title')}
        columns={columns}
        rows={items}
        rowKey={(account) => account.id}
        footer={
          <>
            <span>{t('count', { count: items.length })}</span>
            <span>{t('onlineCount', { online })}</span>
          </>
        }
      />
    </Card>
  );
}

function useColumns(
  room: AccountListProps['room'],
  badge: AccountListProps['badge'],
): Column<Account>[] {
  const t = useTranslations('accounts');
  const words = useTranslations('riskWords');
  return [
    {
      id: 'name',
      header: t('columns.name'),
      phone: 'title',
      cell: (account) => (
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Link
            to="/dashboard/$accountId"
            params={{ accountId: account.id }}
            className="font-medium text-accent [overflow-wrap:anywhere] hover:underline"
          >
            {account.name}
          </Link>
          {badge(account)}
        </span>
      ),
    },
    {
      id: 'role',
      header: t('columns.role'),
      phone: 'detail',
      cell: (account) => <RoleBadge role={account.copy_role} />,
    },
    {
      id: 'platform',
      header: t('columns.platform'),
      phone: 'wide',
      cell: (account) => (
        <span className="whitespace-nowrap">{t(`platforms.${account.platform}`)}</span>
      ),
    },
    {
      id: 'presence',
      header: t('columns.presence'),
      phone: 'detail',
      cell: (account) => <Presence {...account} />,
    },
    {
      id: 'balance',
      header: t('columns.balance'),
      align: 'right',
      phone: 'figure',
      cell: (account) => <Money value={account.balance} currency={account.currency} />,
    },
    {
      id: 'room',
      header: words('title'),
      phone: 'note',
      cell: ({ id }) => room(id),
    },
    {
      id: 'active',
      header: t('columns.active'),
      phone: 'state',
      cell: (account) => <ActiveSwitch account={account} />,
    },
    {
      id: 'actions',
      header: <span className="sr-only">{t('columns.actions')}</span>,
      align: 'right',
      phone: 'state',
      cell: (account) => <AccountMenu account={account} />,
    },
  ];
}

import { Pencil } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Later } from '@/components/later';
import { IconButton } from '@/components/ui/button';

const LeverageDialog = lazy(async () => ({
  default: (await import('./leverage-dialog')).LeverageDialog,
}));

interface LeverageProps {
  account: Account;
  leverage: number;
}

export function LeverageEdit({ account, leverage }: LeverageProps) {
  const t = useTranslations('connections.leverage');
  const [isOpen, setOpen] = useState(false);
  return (
    <span className="-my-2 inline-flex items-center">
      <span className="figures">{t('times', { value: String(leverage) })}</span>
      <IconButton
        icon={Pencil}
        label={t('edit', { name: account.name })}
        onClick={() => setOpen(true)}
      />
      <Later isWanted={isOpen}>
        <LeverageDialog
          account={account}
          leverage={leverage}
          isOpen={isOpen}
          onClose={() => setOpen(false)}
        />
      </Later>
    </span>
  );
}

import { Pencil } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Later } from '@/components/later';
import { IconButton } from '@/components/ui/button';
import { multiply } from '@/lib/decimal';

const SlippageDialog = lazy(async () => ({
  default: (await import('./slippage-dialog')).SlippageDialog,
}));

/** As the worker fills where nothing is chosen. */
const USUAL = '0.0002';

/** How much worse than the price there is a paper account is filled. */
export function SlippageEdit({ account }: { account: Account }) {
  const t = useTranslations('connections.slippage');
  const [isOpen, setOpen] = useState(false);
  const slippage = account.paper_slippage ?? null;
  return (
    <p className="mt-3 flex items-center gap-1 text-sm">
      <span className="text-muted">{t('label')}</span>
      <span className="figures">{`${multiply(slippage ?? USUAL, '100')} %`}</span>
      <IconButton
        icon={Pencil}
        label={t('edit', { name: account.name })}
        onClick={() => setOpen(true)}
      />
      <Later isWanted={isOpen}>
        <SlippageDialog
          account={account}
          slippage={slippage}
          isOpen={isOpen}
          onClose={() => setOpen(false)}
        />
      </Later>
    </p>
  );
}

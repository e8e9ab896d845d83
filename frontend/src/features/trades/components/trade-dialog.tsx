import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, Trade } from '@/api/types';
import { Dialog } from '@/components/ui/dialog';
import { TradeForm } from './trade-form';

interface TradeDialogProps {
  isOpen: boolean;
  onClose: () => void;
  accounts: Account[];
  accountId?: string | undefined;
  trade?: Trade | undefined;
}

/** The form of a trade in a window of its own. */
export function TradeDialog({ isOpen, onClose, trade, ...form }: TradeDialogProps) {
  const t = useTranslations('trades.form');
  const [isBusy, setBusy] = useState(false);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      isBusy={isBusy}
      title={trade ? t('editTitle', { symbol: trade.symbol }) : t('title')}
    >
      <TradeForm trade={trade} onDone={onClose} onBusy={setBusy} {...form} />
    </Dialog>
  );
}

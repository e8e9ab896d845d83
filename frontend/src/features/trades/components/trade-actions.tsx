import { Link } from '@tanstack/react-router';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Trade } from '@/api/types';
import { Button, buttonClass } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { isByHand } from '../by-hand';
import { useDeleteTrade } from '../edits';

interface TradeActionsProps {
  trade: Trade;
  onEdit: () => void;
  onDeleted: () => void;
}

/** What can be done to one trade. What a machine reported stays as it is. */
export function TradeActions({ trade, onEdit, onDeleted }: TradeActionsProps) {
  const t = useTranslations('trades');
  const remove = useDeleteTrade(trade.id);
  const [isAsked, setAsked] = useState(false);
  if (!isByHand(trade)) {
    return (
      <>
        {trade.copy_id && (
          <Link
            to="/copies/$copyId"
            params={{ copyId: trade.copy_id }}
            className={buttonClass('secondary')}
          >
            {t('seeCopy', { symbol: trade.symbol })}
          </Link>
        )}
        <p className="text-pretty text-muted text-sm">{t('detail.machine')}</p>
      </>
    );
  }
  return (
    <div className="flex flex-wrap gap-2 border-line border-t pt-4">
      <Button icon={Pencil} onClick={onEdit}>
        {t('detail.edit')}
      </Button>
      <Button icon={Trash2} onClick={() => setAsked(true)}>
        {t('bulk.delete')}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onClose={() => setAsked(false)}
        onConfirm={() => remove.mutate(undefined, { onSuccess: onDeleted })}
        title={t('detail.deleteTitle', { symbol: trade.symbol })}
        consequence={t('bulk.deleteText')}
        verb={t('bulk.delete')}
        isBusy={remove.isPending}
        error={remove.error}
      />
    </div>
  );
}

import { ArrowDown, ArrowUp } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Side as SideWord } from '@/api/types';

/** Which way: arrow and word. Neither is good or bad, so it has no colour. */
export function Side({ side }: { side: SideWord }) {
  const t = useTranslations('common');
  const Icon = side === 'BUY' ? ArrowUp : ArrowDown;
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <Icon aria-hidden size={14} className="text-muted" />
      {t(side === 'BUY' ? 'buy' : 'sell')}
    </span>
  );
}

import { Clock } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { AccountRisk } from '@/api/types';

/** A terminal whose clock is wrong misses the moment of the reset: its owner can set it right. */
export function ClockNote({ risk }: { risk: AccountRisk }) {
  const t = useTranslations('risk.clock');
  const ahead = risk.clock_ahead_ms;
  if (!risk.clock_skew || ahead === null) return null;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  return (
    <div
      role="status"
      className="my-4 flex items-start gap-3 rounded-card border border-caution/50 bg-surface-2 px-3 py-2.5"
    >
      <Clock aria-hidden size={20} className="mt-0.5 shrink-0 text-caution" />
      <div className="min-w-0 text-pretty">
        <p className="font-medium">{t(ahead > 0 ? 'ahead' : 'behind', { seconds })}</p>
        <p>{t('hint')}</p>
      </div>
    </div>
  );
}

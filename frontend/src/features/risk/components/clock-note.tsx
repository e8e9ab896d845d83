import { Clock } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { AccountRisk } from '@/api/types';
import { useSpanText } from '@/components/time';

/** A terminal whose clock is wrong misses the moment of the reset: its owner can set it right. */
export function ClockNote({ risk }: { risk: AccountRisk }) {
  const t = useTranslations('risk.clock');
  const spanText = useSpanText();
  const ahead = risk.clock_ahead_ms;
  if (!risk.clock_skew || ahead === null) return null;
  const span = spanText(Math.round(Math.abs(ahead) / 1000));
  return (
    <div
      role="status"
      className="mb-4 flex items-start gap-3 rounded-card border border-caution/40 bg-surface-1 px-4 py-3"
    >
      <Clock aria-hidden size={20} className="mt-0.5 shrink-0 text-caution" />
      <div className="min-w-0 text-pretty">
        <p className="font-medium">{t(ahead > 0 ? 'ahead' : 'behind', { span })}</p>
        <p className="mt-0.5 text-muted">{t('hint')}</p>
      </div>
    </div>
  );
}

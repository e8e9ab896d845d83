import { Link } from '@tanstack/react-router';
import { UserCheck, Users } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { ListedMaster } from '@/api/types';
import { Delta, NoValue, Percent } from '@/components/figures';
import { Pill } from '@/components/pill';
import { Sparkline } from './sparkline';

/** One master of the directory. The whole card leads to its profile. */
export function MasterCard({ master }: { master: ListedMaster }) {
  const t = useTranslations();
  const { slug, name, description, currency, trades } = master;
  return (
    <li className="relative flex min-w-0 flex-col rounded-card border border-line bg-surface-1 p-4 focus-within:border-accent hover:border-edge">
      <h2 className="font-semibold text-lg [overflow-wrap:anywhere]">
        <Link
          to="/m/$slug"
          params={{ slug }}
          className="outline-offset-4 after:absolute after:inset-0 hover:text-accent"
        >
          {name}
        </Link>
      </h2>
      <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-sm">
        {t(`accounts.platforms.${master.platform}`)}
        <span className="inline-flex items-center gap-1.5">
          <Users aria-hidden size={14} />
          {t('masters.followers', { count: master.followers })}
        </span>
        {master.needs_approval && (
          <Pill tone="neutral" icon={UserCheck}>
            {t('masters.needsApproval')}
          </Pill>
        )}
      </p>
      {description && (
        <p className="mt-2 line-clamp-2 text-pretty text-muted [overflow-wrap:anywhere]">
          {description}
        </p>
      )}
      <div className="mt-auto pt-3">
        {trades > 0 ? (
          <Sparkline totals={master.sparkline} />
        ) : (
          <p className="text-muted text-sm">{t('masters.noTrades')}</p>
        )}
        <dl className="mt-3 grid grid-cols-2 gap-x-4 gap-y-2 border-line border-t pt-3">
          <Small name={t('masters.result')} isWide>
            <Delta value={master.total_pnl} currency={currency} />
          </Small>
          <Small name={t('masters.drawdownShort')}>
            <Percent value={master.max_drawdown.percent} />
          </Small>
          <Small name={t('masters.winRate')}>
            {trades > 0 ? <Percent value={master.win_rate} /> : <NoValue />}
          </Small>
        </dl>
      </div>
    </li>
  );
}

interface SmallProps {
  name: string;
  isWide?: boolean;
  children: ReactNode;
}

function Small({ name, isWide = false, children }: SmallProps) {
  return (
    <div
      className={`flex min-w-0 items-baseline justify-between gap-2 ${isWide ? 'col-span-2' : ''}`}
    >
      <dt className="text-muted text-xs">{name}</dt>
      <dd className="font-medium text-sm">{children}</dd>
    </div>
  );
}

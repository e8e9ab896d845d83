import { Link } from '@tanstack/react-router';
import { useMessages, useTranslations } from 'use-intl';
import type { Copy } from '@/api/types';
import { buttonClass } from '@/components/ui/button';
import type { Messages } from '@/lib/i18n/i18n';
import { STATE_LOOKS } from '../states';
import { CopyReason } from './copy-parts';

type Advised = keyof Messages['advice'];

/** Reasons that a setting of the follower causes, and may take away. */
const BY_SETTINGS: readonly string[] = [
  'stale',
  'reconciling',
  'paused',
  'limit',
  'close_only',
  'side_filtered',
  'symbol_filtered',
  'symbol_invalid',
  'max_open_copies',
  'no_figures',
  'no_stop',
  'symbol_unknown',
  'units_unknown',
  'price_moved',
];

/** Why a copy is where it is: what happened, what it means, what to do. */
export function ReasonCard({ copy }: { copy: Copy }) {
  const t = useTranslations();
  const advice = useMessages().advice;
  const isAdvised = (code: string): code is Advised => Object.hasOwn(advice, code);
  const { reason, state } = copy;
  if (!reason) return null;
  const { icon: Icon } = STATE_LOOKS[state];
  const code: string = reason.code;
  return (
    <section
      aria-label={t('copy.why')}
      className="mb-4 flex items-start gap-3 rounded-card border border-line bg-surface-1 px-4 py-3"
    >
      <Icon aria-hidden size={20} className="mt-0.5 shrink-0 text-muted" />
      <div className="min-w-0">
        <div className="font-medium">
          <CopyReason reason={reason} />
        </div>
        {isAdvised(code) && (
          <p className="mt-1 max-w-prose text-pretty text-muted">{t(`advice.${code}`)}</p>
        )}
        {BY_SETTINGS.includes(code) && (
          <p className="mt-3">
            <Link
              to="/dashboard/$accountId"
              params={{ accountId: copy.follower_account_id }}
              search={{ tab: 'settings' }}
              className={buttonClass('secondary')}
            >
              {t('copy.changeSettings')}
            </Link>
          </p>
        )}
      </div>
    </section>
  );
}

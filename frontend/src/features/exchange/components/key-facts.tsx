import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { ExchangeKey } from '@/api/types';
import { Money } from '@/components/figures';
import { Facts } from '@/components/page';
import { Ago } from '@/components/time';

interface KeyFactsProps {
  shown: ExchangeKey;
  /** Where leverage is changed. */
  leverage: ReactNode;
}

/** What is known of a key and of the account behind it. */
export function KeyFacts({ shown, leverage }: KeyFactsProps) {
  const t = useTranslations('connections');
  const { permissions, ip_restricted: bound, uid_hint: hint, margin } = shown;
  const { account_type: type, position_mode: mode } = shown;
  return (
    <Facts
      facts={[
        { name: t('labels.environment'), value: t(`environments.${shown.environment}`) },
        {
          name: t('labels.permissions'),
          value: permissions.map((each) => t(`permissions.${each}`)).join(', ') || t('unknown'),
        },
        {
          name: t('labels.ip'),
          value: bound === null || bound === undefined ? t('unknown') : t(bound ? 'yes' : 'no'),
        },
        { name: t('labels.uid'), value: hint ?? t('unknown') },
        {
          name: t('labels.accountType'),
          value: type ? t(`accountTypes.${type}`) : t('unknown'),
        },
        {
          name: t('labels.positionMode'),
          value: mode ? t(`positionModes.${mode}`) : t('unknown'),
        },
        { name: t('labels.leverage'), value: leverage },
        ...(margin
          ? [
              {
                name: t('labels.balance'),
                value: <Money value={margin.balance} currency={margin.asset} />,
              },
            ]
          : []),
        ...(shown.status === 'verified' && type === 'perpetual'
          ? [{ name: t('labels.news'), value: <News every={shown.polled_every_s} /> }]
          : []),
        { name: t('labels.lastChecked'), value: <When at={shown.last_checked_at} /> },
        { name: t('labels.lastVerified'), value: <When at={shown.last_verified_at} /> },
      ]}
    />
  );
}

/** How what happens in an account becomes known. */
function News({ every }: { every: number | null | undefined }) {
  const t = useTranslations('connections');
  return every ? t('news.polled', { seconds: every }) : t('news.live');
}

function When({ at }: { at: string | null | undefined }) {
  const t = useTranslations('venue');
  return at ? <Ago at={at} /> : t('neverChecked');
}

/** What its owner should change at the exchange, though the key works. */
export function KeyWarnings({ shown }: { shown: ExchangeKey }) {
  const t = useTranslations('connections');
  const addresses = shown.egress_addresses.join(', ');
  const warnings = [
    shown.ip_restricted === false &&
      (addresses === '' ? t('ipWarningUnknown') : t('ipWarning', { addresses })),
    shown.permissions.includes('transfer') && t('transferWarning'),
    shown.account_type === 'spot' && t('spotOnly'),
  ].filter((warning) => warning !== false);
  if (warnings.length === 0) return null;
  return (
    <ul className="mt-3 flex flex-col gap-2">
      {warnings.map((warning) => (
        <li key={warning} className="flex items-start gap-2 text-sm">
          <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0 text-caution" />
          <span className="min-w-0 text-pretty">{warning}</span>
        </li>
      ))}
    </ul>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Copy, CopySettings } from '@/api/types';
import { Card } from '@/components/page';
import { compare } from '@/lib/decimal';
import { subscriptionsOfQuery } from '../queries';
import { ruleOf, sized } from '../sizing';
import { lotsOf } from './copy-parts';

/** How the size of a copy came about, by the settings of its subscription. */
export function SizeExplained({ copy }: { copy: Copy }) {
  const t = useTranslations('sizeExplained');
  const subscriptions = useQuery(subscriptionsOfQuery(copy.follower_account_id));
  const subscription = subscriptions.data?.items.find(
    ({ master_account_id }) => master_account_id === copy.master_account_id,
  );
  if (!subscription) return null;
  const lots = lotsOf(copy);
  const isOlder = Date.parse(subscription.updated_at) > Date.parse(copy.created_at);
  return (
    <Card title={t('title')}>
      <Formula settings={subscription.settings} masterLots={copy.master_lots} lots={lots} />
      {isOlder && <p className="mt-2 text-muted text-sm">{t('changedSince')}</p>}
    </Card>
  );
}

interface FormulaProps {
  settings: CopySettings;
  masterLots: string;
  /** What the copy has or had. */
  lots: string;
}

function Formula({ settings, masterLots, lots }: FormulaProps) {
  const t = useTranslations('sizeExplained');
  const rule = ruleOf(settings);
  const size = sized(rule, masterLots);
  if (!size) return <p>{t('byFigures', { lots })}</p>;
  const isOther = size.lots === null || compare(size.lots, lots) !== 0;
  return (
    <>
      <p className="figures text-lg">
        {rule.mode === 'multiplier'
          ? t('product', { master: masterLots, value: rule.value, wanted: size.wanted })
          : t(rule.mode === 'fixed' ? 'fixed' : 'same', { wanted: size.wanted })}
        {size.lots !== null && compare(size.lots, size.wanted) !== 0 && ` → ${size.lots}`}
      </p>
      <p className="mt-1 text-muted text-sm">
        {[
          size.isCapped && rule.max && t('capped', { max: rule.max }),
          size.isRounded && rule.step && t('rounded', { step: rule.step }),
          !size.isRounded && rule.step && t('step', { step: rule.step }),
          size.isTooSmall && t('tooSmall', { min: rule.min ?? rule.step ?? '0' }),
        ]
          .filter(Boolean)
          .join(' ')}
      </p>
      {isOther && Number(lots) > 0 && <p className="mt-1 text-sm">{t('other', { lots })}</p>}
    </>
  );
}

import { useTranslations } from 'use-intl';
import type { RiskRule } from '@/api/types';
import { Money, NoValue, Percent } from '@/components/figures';
import { Facts } from '@/components/page';
import { isDecimal, multiply } from '@/lib/decimal';
import type { AccountPreset } from '../presets';

interface PresetFactsProps {
  preset: AccountPreset;
  /** As it is typed; the shares of it are told in money as well. */
  balance: string;
  currency: string;
  /** Only followers have copies. */
  isFollower: boolean;
}

/** Everything that a preset sets, before anything is saved. */
export function PresetFacts({ preset, balance, currency, isFollower }: PresetFactsProps) {
  const t = useTranslations();
  const ofBalance = (fraction: string) =>
    isDecimal(balance) ? (
      <Money value={multiply(balance, fraction)} currency={currency} />
    ) : (
      <NoValue />
    );
  const limit = (rule: RiskRule) => {
    if (rule.cap) return t('accountForms.preset.atOnce', { count: Number(rule.cap) });
    if (rule.limit?.type !== 'percent') return <NoValue />;
    const fraction = multiply(rule.limit.value, '0.01');
    return (
      <>
        <Percent value={fraction} places={2} /> · {ofBalance(fraction)}
      </>
    );
  };
  return (
    <div className="mt-1.5 rounded-card border border-line px-3">
      <Facts
        facts={[
          { name: t('accountForms.form.startingBalance'), value: ofBalance('1') },
          {
            name: t('accountForms.preset.profile'),
            value: `${preset.capital_level}, ${t(`accountForms.preset.tolerances.${preset.risk_tolerance}`)}`,
          },
          ...preset.rules.map((rule) => ({
            key: rule.id,
            name: t(`riskWords.kinds.${rule.kind}`),
            value: limit(rule),
          })),
          { name: t('accountForms.preset.day'), value: '00:00 UTC' },
          {
            name: t('accountForms.preset.size'),
            value: isFollower ? (
              <>
                <Percent value={preset.sizing.value} places={2} />{' '}
                {t('accountForms.preset.ofEquity')}
              </>
            ) : (
              t('accountForms.preset.noCopies')
            ),
          },
        ]}
      />
    </div>
  );
}

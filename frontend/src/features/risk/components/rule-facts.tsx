import { useTranslations } from 'use-intl';
import type { RiskRule } from '@/api/types';
import { Facts } from '@/components/page';
import { useRuleText } from '../rule-words';

interface RuleFactsProps {
  rules: readonly RiskRule[];
  /** Of the amounts in them. */
  currency: string;
}

/** Rules below each other, each with its kind and what it says. */
export function RuleFacts({ rules, currency }: RuleFactsProps) {
  const t = useTranslations('riskWords.kinds');
  const text = useRuleText();
  return (
    <Facts
      facts={rules.map((rule) => ({
        key: rule.id,
        name: t(rule.kind),
        value: text(rule, currency),
      }))}
    />
  );
}

import { useTranslations } from 'use-intl';
import type { RiskRule, RuleKind } from '@/api/types';
import { sign } from '@/lib/decimal';
import { useAmount } from './components/room';
import { unitOfRule } from './status';

/** Rules whose line stays over the days, so that a firm can set it anew. */
const LASTING: readonly RuleKind[] = ['trailing_drawdown', 'max_total_loss', 'min_equity'];

export const hasSettableFloor = ({ kind }: { kind: RuleKind }): boolean => LASTING.includes(kind);

/** Says the value of a rule in words, such as `5 % of the starting balance`. */
export function useRuleText(): (rule: RiskRule, currency: string, size?: number) => string {
  const t = useTranslations('risk.terms');
  const write = useAmount();

  function limitText(
    limit: NonNullable<RiskRule['limit']>,
    currency: string,
    size?: number,
  ): string {
    if (limit.type === 'amount') return write(limit.value, 'money', currency);
    if (limit.type === 'percent') return t(`of.${limit.of}`, { percent: limit.value });
    const sized = size === undefined ? undefined : limit.values[String(size)];
    return sized === undefined ? t('bySize') : write(sized, 'money', currency);
  }

  function lockText(offset: string, currency: string): string {
    if (sign(offset) === 0) return t('lockAtStart');
    return t('lock', { amount: write(offset, 'money', currency) });
  }

  return (rule, currency, size) => {
    const limit = rule.limit ?? rule.target;
    const sized = size === undefined ? undefined : rule.cap_by_size?.[String(size)];
    const cap = rule.cap ?? sized;
    const value = limit
      ? limitText(limit, currency, size)
      : cap
        ? t('cap', { amount: write(cap, unitOfRule(rule), currency) })
        : rule.value
          ? write(rule.value, 'money', currency)
          : rule.limit_pct
            ? t('share', { percent: rule.limit_pct })
            : rule.days
              ? t('days', { count: rule.days })
              : t('tiers');
    const more = [
      ...(rule.reference ? [t(`reference.${rule.reference}`)] : []),
      ...(rule.mode ? [t(`mode.${rule.mode}`)] : []),
      ...(rule.lock ? [lockText(rule.lock.offset, currency)] : []),
      ...(rule.include_pending ? [t('pending')] : []),
      ...(rule.severity === 'soft' ? [t('soft')] : []),
    ];
    return [value, ...more].join(' · ');
  };
}

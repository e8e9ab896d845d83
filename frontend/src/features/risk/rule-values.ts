import type { RiskRule } from '@/api/types';
import { isDecimal, sign } from '@/lib/decimal';
import { unitOfRule } from './status';

/** What of a rule can be typed anew; everything else of it stays. */
export interface RuleValues {
  value: string;
  caution: string;
  critical: string;
}

/** The one figure of a rule that its owner changes; null where it has none such. */
export function figureOf(rule: RiskRule): string | null {
  const limit = rule.limit ?? rule.target;
  if (limit) return limit.type === 'by_size' ? null : limit.value;
  return rule.cap ?? rule.value ?? rule.limit_pct ?? (rule.days ? String(rule.days) : null);
}

/** What the figure of a rule counts. */
export function measureOf(rule: RiskRule): 'percent' | 'amount' | 'number' {
  const limit = rule.limit ?? rule.target;
  if (limit) return limit.type === 'percent' ? 'percent' : 'amount';
  if (rule.limit_pct) return 'percent';
  if (rule.value) return 'amount';
  return rule.cap && unitOfRule(rule) === 'money' ? 'amount' : 'number';
}

/** The rule with another figure. */
export function withValue(rule: RiskRule, value: string): RiskRule {
  if (rule.limit && rule.limit.type !== 'by_size') {
    return { ...rule, limit: { ...rule.limit, value } };
  }
  if (rule.target && rule.target.type !== 'by_size') {
    return { ...rule, target: { ...rule.target, value } };
  }
  if (rule.cap) return { ...rule, cap: value };
  if (rule.value) return { ...rule, value };
  if (rule.limit_pct) return { ...rule, limit_pct: value };
  return rule.days ? { ...rule, days: Number(value) } : rule;
}

export function valuesOf(rule: RiskRule): RuleValues {
  return {
    value: figureOf(rule) ?? '',
    caution: rule.thresholds?.caution ?? '',
    critical: rule.thresholds?.critical ?? '',
  };
}

/** The rule as typed: without marks of its own where both fields are empty. */
export function edited(rule: RiskRule, typed: RuleValues): RiskRule {
  const [caution, critical] = [typed.caution.trim(), typed.critical.trim()];
  const { thresholds: _, ...rest } = withValue(rule, typed.value.trim());
  return caution === '' && critical === '' ? rest : { ...rest, thresholds: { caution, critical } };
}

/** What is wrong with a field, as its code. */
export function faultOf(rule: RiskRule, typed: RuleValues, field: keyof RuleValues) {
  const text = typed[field].trim();
  if (field === 'value') {
    if (figureOf(rule) === null) return undefined;
    if (rule.days) return /^[1-9]\d{0,3}$/.test(text) ? undefined : 'not_a_number';
    return isDecimal(text) ? undefined : 'not_a_number';
  }
  const other = typed[field === 'caution' ? 'critical' : 'caution'].trim();
  if (text === '') return other === '' ? undefined : 'required';
  return isDecimal(text) ? undefined : 'not_a_number';
}

/** Whether it names amounts of money, which mean nothing in another currency. */
export function hasAmounts(rule: RiskRule): boolean {
  const limit = rule.limit ?? rule.target;
  const isCapInMoney = unitOfRule(rule) === 'money';
  return (
    (limit != null && limit.type !== 'percent') ||
    rule.value != null ||
    ((rule.cap != null || rule.tiers != null) && isCapInMoney) ||
    (rule.lock != null && sign(rule.lock.offset) !== 0) ||
    rule.thresholds_money != null
  );
}

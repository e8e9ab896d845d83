import type { RiskRule } from '@/api/types';
import { isDecimal, sign } from '@/lib/decimal';
import { unitOfRule } from './status';

/** What of a rule can be typed anew; everything else of it stays. */
export interface RuleValues {
  value: string;
  caution: string;
  critical: string;
  /** Whether orders that wait for their price count, of a rule that counts positions. */
  pending: boolean;
}

/** What of a rule is typed as text. */
export type TypedField = Exclude<keyof RuleValues, 'pending'>;

/** Whether the rule asks if orders that wait for their price count. */
export const canCountPending = ({ kind }: Pick<RiskRule, 'kind'>): boolean =>
  kind === 'max_open_positions';

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

/** The rule with another answer to whether pending orders count, where it asks for one. */
function withPending(rule: RiskRule, pending: boolean): RiskRule {
  const isSame = pending === (rule.include_pending ?? false);
  return isSame || !canCountPending(rule) ? rule : { ...rule, include_pending: pending };
}

export function valuesOf(rule: RiskRule): RuleValues {
  return {
    value: figureOf(rule) ?? '',
    caution: rule.thresholds?.caution ?? '',
    critical: rule.thresholds?.critical ?? '',
    pending: rule.include_pending ?? false,
  };
}

/** The rule as typed: without marks of its own where both fields are empty. */
export function edited(rule: RiskRule, typed: RuleValues): RiskRule {
  const [caution, critical] = [typed.caution.trim(), typed.critical.trim()];
  const { thresholds: _, ...rest } = withPending(
    withValue(rule, typed.value.trim()),
    typed.pending,
  );
  return caution === '' && critical === '' ? rest : { ...rest, thresholds: { caution, critical } };
}

/** What is wrong with a field, as its code. */
export function faultOf(rule: RiskRule, typed: RuleValues, field: TypedField) {
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

import type { OwnMarks, UsualMarks } from '@/api/types';
import { compare, isDecimal } from '@/lib/decimal';

export const CLASSES = ['money', 'count'] as const;
export type MarkClass = (typeof CLASSES)[number];
export type Mark = 'caution' | 'critical';
export type MarkPair = Record<Mark, string>;
export type TypedMarks = Record<MarkClass, MarkPair>;

/** Marks that hold while nobody sets others, as the server has them. */
export const BUILT_IN: UsualMarks = {
  money: { caution: '50', critical: '20' },
  count: { caution: '25', critical: '0' },
};

const NONE: MarkPair = { caution: '', critical: '' };
const LARGEST = '1000000';

/** What the form begins with: empty where the place sets none itself. */
export function typedOf(own: OwnMarks | null): TypedMarks {
  return { money: { ...(own?.money ?? NONE) }, count: { ...(own?.count ?? NONE) } };
}

/** Marks with those of `usual` where none are set. */
export function over(own: OwnMarks | null, usual: UsualMarks): UsualMarks {
  return { money: own?.money ?? usual.money, count: own?.count ?? usual.count };
}

function pairOf({ caution, critical }: MarkPair): MarkPair | null {
  const [first, second] = [caution.trim(), critical.trim()];
  return first === '' && second === '' ? null : { caution: first, critical: second };
}

/** What is saved; null: the place sets none. */
export function marksOf(typed: TypedMarks): OwnMarks | null {
  const [money, count] = [pairOf(typed.money), pairOf(typed.count)];
  return money || count ? { money, count } : null;
}

/** What is wrong with a mark, as its code. */
export function markFault(typed: MarkPair, mark: Mark): string | undefined {
  const pair = pairOf(typed);
  if (!pair) return undefined;
  const text = pair[mark];
  if (text === '') return 'required_mark';
  if (!isDecimal(text)) return 'not_a_number';
  if (compare(text, LARGEST) > 0 || compare(text, `-${LARGEST}`) < 0) return 'not_a_share';
  if (mark === 'caution' || !isDecimal(pair.caution)) return undefined;
  return compare(text, pair.caution) > 0 ? 'above_caution' : undefined;
}

/** The marks as they would hold, for what can be drawn of what is typed; else those that hold without it. */
export function shownPair(typed: MarkPair, usual: MarkPair): MarkPair {
  const pair = pairOf(typed);
  const isGood = pair && !markFault(typed, 'caution') && !markFault(typed, 'critical');
  return isGood ? pair : usual;
}

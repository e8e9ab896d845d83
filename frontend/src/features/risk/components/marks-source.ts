import { useFormatter, useTranslations } from 'use-intl';
import type { MarksSource } from '@/api/types';

/** Says who set marks: the rule, its account, groups by name, their owner, or nobody. */
export function useMarksSource(): (source: MarksSource) => string {
  const t = useTranslations('riskMarks.from');
  const format = useFormatter();
  return ({ level, groups }) =>
    level === 'group'
      ? t('group', { count: groups.length, names: format.list(groups.map(({ name }) => name)) })
      : t(level);
}

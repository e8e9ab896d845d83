import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { AccountRisk, RuleRisk } from '@/api/types';
import { Facts } from '@/components/page';
import { Ago, Moment, useSpanText } from '@/components/time';
import { useMarksSource } from './marks-source';
import { useAmount } from './room';

interface Fact {
  name: string;
  value: ReactNode;
}

/** How a figure was made: reference, when it was taken and how well it is known, limit, line, value. */
export function HowMade({ rule, risk }: { rule: RuleRisk; risk: AccountRisk }) {
  const t = useTranslations('risk.how');
  const write = useAmount();
  const span = useSpanText();
  const source = useMarksSource();
  const { unit, day, day_start_quality, next_reset_at, thresholds } = rule;
  const amount = (name: string, value: string | null | undefined): Fact[] =>
    value
      ? [{ name, value: <span className="figures">{write(value, unit, risk.currency)}</span> }]
      : [];
  const facts: Fact[] = [
    ...amount(t('reference'), rule.reference),
    ...(day
      ? [
          {
            name: t('day'),
            // A rule may have a clock of its own, of which only the end of its day is told.
            value:
              next_reset_at === risk.next_reset_at
                ? `${day} · ${risk.phase?.day.reset} ${risk.phase?.day.tz}`
                : day,
          },
        ]
      : []),
    ...(day_start_quality
      ? [{ name: t('quality'), value: t(`qualities.${day_start_quality}`) }]
      : []),
    ...amount(t('limit'), rule.limit),
    ...amount(t('floor'), rule.floor),
    ...amount(t('current'), rule.current),
    ...amount(t('buffer'), rule.buffer),
    { name: t('marks'), value: t('marksValue', { ...thresholds }) },
    { name: t('marksFrom'), value: source(rule.thresholds_from) },
    ...(rule.thresholds_money
      ? [
          {
            name: t('marksMoney'),
            value: `${write(rule.thresholds_money.caution, unit, risk.currency)} · ${write(rule.thresholds_money.critical, unit, risk.currency)}`,
          },
        ]
      : []),
    ...(next_reset_at ? [{ name: t('nextReset'), value: <Moment at={next_reset_at} /> }] : []),
    ...(risk.as_of ? [{ name: t('asOf'), value: <Ago at={risk.as_of} /> }] : []),
    ...(risk.largest_gap_s > 0 ? [{ name: t('gap'), value: span(risk.largest_gap_s) }] : []),
  ];
  return (
    <details className="group">
      <summary className="flex min-h-9 touch:min-h-11 w-fit cursor-pointer list-none items-center gap-1 text-accent text-sm hover:underline [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden size={14} className="group-open:rotate-90" />
        {t('title')}
      </summary>
      <div className="mt-1 rounded-card border border-line px-3 text-sm">
        <Facts facts={facts} />
      </div>
      <p className="mt-2 text-muted text-pretty text-sm">{t(`kinds.${rule.kind}`)}</p>
    </details>
  );
}

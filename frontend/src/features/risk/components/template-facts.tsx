import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { RiskTemplate } from '@/api/types';
import { Facts } from '@/components/page';
import { useRuleText } from '../rule-words';
import { CopyPolicy } from './copy-policy';

/** In so many words; some templates say it of each value. */
const CONFIDENCES = ['high', 'medium-high', 'medium', 'low-medium', 'low'] as const;

interface TemplateFactsProps {
  template: RiskTemplate;
  size: number;
  currency: string;
}

/** Every value of a template, how sure it is, from when and from where. */
export function TemplateFacts({ template, size, currency }: TemplateFactsProps) {
  const t = useTranslations();
  const text = useRuleText();
  const { rules, day, as_of, confidence, sources, notes } = template;
  const confidenceOf = (text: string) => {
    const known = CONFIDENCES.find((each) => each === text);
    return known ? t(`risk.phase.confidence.${known}`) : text;
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="rounded-card border border-line px-3">
        <Facts
          facts={[
            ...rules.map((rule) => ({
              name: t(`riskWords.kinds.${rule.kind}`),
              value: text(rule, currency, size),
            })),
            { name: t('risk.phase.day'), value: `${day.reset} ${day.tz}` },
          ]}
        />
      </div>
      <p className="flex items-start gap-2 text-caution text-pretty text-sm">
        <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
        {t('risk.phase.warning')}
      </p>
      <p className="text-muted text-pretty text-sm">
        {t('risk.phase.asOf', {
          date: as_of,
          confidence: confidenceOf(confidence),
        })}
      </p>
      <CopyPolicy template={template} confidenceOf={confidenceOf} />
      {notes && (
        <p lang="en" className="text-muted text-pretty text-sm">
          {notes}
        </p>
      )}
      <div className="text-muted text-sm">
        <p>{t('risk.phase.sources')}</p>
        <ul lang="en" className="list-inside list-disc [overflow-wrap:anywhere]">
          {sources.map((source) => (
            <li key={source}>{source}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

import { useTranslations } from 'use-intl';
import type { RiskTemplate } from '@/api/types';
import { SelectField } from '@/components/ui/field';
import { TemplateFacts } from './template-facts';

/** The size that was chosen of a template, or its first one. */
export function sizeOf(template: RiskTemplate | undefined, chosen: string): number | undefined {
  const sizes = template?.market_sizes ?? [];
  return sizes.find((each) => String(each) === chosen) ?? sizes[0];
}

interface OfTemplateProps {
  template: RiskTemplate;
  size: number;
  currency: string;
  onSize: (size: string) => void;
}

/** One size of a template, and all that it says. */
export function OfTemplate({ template, size, currency, onSize }: OfTemplateProps) {
  const t = useTranslations('risk.phase');
  return (
    <>
      <SelectField
        label={t('size')}
        value={String(size)}
        onChange={(event) => onSize(event.target.value)}
        options={template.market_sizes.map((each) => ({
          value: String(each),
          label: `${each.toLocaleString('en')} ${currency}`,
        }))}
      />
      <TemplateFacts template={template} size={size} currency={currency} />
    </>
  );
}

import { useTranslations } from 'use-intl';
import type { ImportReport } from '@/api/types';
import { SelectField } from '@/components/ui/field';
import type { Mapping } from '../imports';

interface ImportMappingProps {
  report: ImportReport;
  /** Chosen otherwise than the format says. */
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}

/** Which column of the file means what. */
export function ImportMapping({ report, mapping, onChange }: ImportMappingProps) {
  const t = useTranslations('imports');
  if (report.columns.length === 0) return null;
  return (
    <details className="rounded-card border border-line" open={report.error_count > 0}>
      <summary className="cursor-pointer px-4 py-2.5 font-medium">{t('columns')}</summary>
      <div className="grid grid-cols-1 gap-3 border-line border-t p-4 sm:grid-cols-2 lg:grid-cols-3">
        {report.fields.map((field) => {
          const usual = report.mapping[field];
          const isThere = usual !== undefined && report.columns.includes(usual);
          return (
            <SelectField
              key={field}
              label={t(`fields.${field}`)}
              value={mapping[field] ?? ''}
              onChange={(event) => {
                const { [field]: _, ...rest } = mapping;
                const column = event.currentTarget.value;
                onChange(column === '' ? rest : { ...rest, [field]: column });
              }}
              options={[
                { value: '', label: isThere ? t('usual', { column: usual }) : t('missing') },
                ...report.columns.map((column) => ({ value: column, label: column })),
              ]}
            />
          );
        })}
      </div>
    </details>
  );
}

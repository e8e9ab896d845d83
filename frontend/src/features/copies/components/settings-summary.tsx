import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { TextField } from '@/components/ui/field';
import { isDecimal, sign } from '@/lib/decimal';
import { names, type SettingsValues } from '../settings-values';
import { type SizingRule, sized } from '../sizing';

/** What the settings do, in sentences, and what one order would become. */
export function SettingsSummary({ values }: { values: SettingsValues }) {
  const t = useTranslations('copySettings');
  return (
    <section
      aria-label={t('summary.title')}
      className="rounded-card border border-line bg-surface-0 p-4"
    >
      <h2 className="font-semibold">{t('summary.title')}</h2>
      <p className="mt-1 text-pretty">{useSentences(values).join(' ')}</p>
      <Preview values={values} />
    </section>
  );
}

function Preview({ values }: { values: SettingsValues }) {
  const t = useTranslations('copySettings.preview');
  const [lots, setLots] = useState('0.20');
  return (
    <div className="mt-4 border-line border-t pt-4">
      <TextField
        label={t('master')}
        inputMode="decimal"
        autoComplete="off"
        defaultValue={lots}
        onChange={(event) => setLots(event.currentTarget.value)}
      />
      <p className="mt-2 flex items-start gap-2" role="status">
        <ArrowRight aria-hidden size={16} className="mt-0.5 shrink-0 text-muted" />
        <span className="font-medium">{usePreview(values, lots)}</span>
      </p>
    </div>
  );
}

function usePreview(values: SettingsValues, lots: string): string {
  const t = useTranslations('copySettings.preview');
  const rule = ruleOfValues(values);
  if (!rule || !isAboveZero(lots)) return t('incomplete');
  const size = sized(rule, lots.trim());
  if (!size) return t(values.mode === 'risk_percent' ? 'byStop' : 'byFigures');
  if (size.lots === null) return t('nothing');
  if (size.isCapped) return t('capped', { lots: size.lots });
  return t(size.isRounded ? 'rounded' : 'plain', { lots: size.lots });
}

/** Null while a field holds something else than a number above zero. */
function ruleOfValues(values: SettingsValues): SizingRule | null {
  const { mode, value, min_lots, max_lots, lot_step } = values;
  const isWhole = [min_lots, max_lots, lot_step].every(
    (text) => text.trim() === '' || isAboveZero(text),
  );
  if (!isWhole || (mode !== 'same' && !isAboveZero(value))) return null;
  const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
  return { mode, value, min: orNull(min_lots), max: orNull(max_lots), step: orNull(lot_step) };
}

function isAboveZero(text: string): boolean {
  return isDecimal(text) && sign(text) > 0;
}

function useSentences(values: SettingsValues): string[] {
  const t = useTranslations('copySettings.summary');
  const { mode, sides, reverse, max_lots, min_lots, lot_step } = values;
  const only = names(values.allow_symbols)?.join(', ');
  const never = names(values.deny_symbols)?.join(', ');
  return [
    t(`modes.${mode}`, { value: values.value || '…' }),
    lot_step && t('step', { step: lot_step }),
    max_lots && t('max', { max: max_lots }),
    min_lots && t('min', { min: min_lots }),
    sides !== 'both' && t(sides),
    reverse && t('reverse'),
    only && t('only', { names: only }),
    never && t('never', { names: never }),
    t(values.copy_sl_tp ? 'stops' : 'noStops'),
    values.max_open_copies && t('open', { count: values.max_open_copies }),
    values.max_age_s && t('age', { s: values.max_age_s }),
  ].filter((sentence): sentence is string => typeof sentence === 'string' && sentence !== '');
}

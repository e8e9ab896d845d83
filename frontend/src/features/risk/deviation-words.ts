import { useMessages, useTranslations } from 'use-intl';
import type { Deviation } from '@/api/types';
import type { Messages } from '@/lib/i18n/i18n';
import { useAmount } from './components/room';

type Word = keyof Messages['risk']['required']['words'];

/** Writes what a rule demands, or what an account has instead. */
export function useDeviationText(): (deviation: Deviation, value: string) => string {
  const t = useTranslations('risk.required');
  const words = useMessages().risk.required.words;
  const write = useAmount();
  const isWord = (text: string): text is Word => text in words;
  return ({ unit, currency }, value) => {
    switch (unit) {
      case 'money':
      case 'positions':
      case 'lots':
      case 'trades':
        return write(value, unit, currency);
      case 'percent':
      case 'days':
      case 'seconds':
        return t(`units.${unit}`, { value });
      default:
        return isWord(value) ? t(`words.${value}`) : value;
    }
  };
}

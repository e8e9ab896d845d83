import { useTranslations } from 'use-intl';
import type { User } from '@/api/types';
import { Card } from '@/components/page';
import { LANGUAGE_NAMES } from '@/components/preference-menus';
import { ProblemText } from '@/components/problem';
import { SelectField } from '@/components/ui/field';
import { changeLanguage } from '@/lib/i18n/provider';
import {
  type FigureColours,
  type Locale,
  setFigureColours,
  setTheme,
  type Theme,
  useFigureColours,
  useLanguage,
  useTheme,
} from '@/lib/preferences';
import { useSaveMe } from '../queries';

const LANGUAGES = ['en', 'th'] as const satisfies Locale[];
const THEMES = ['system', 'light', 'dark'] as const satisfies Theme[];
const FIGURES = ['green-red', 'blue-orange'] as const satisfies FigureColours[];
const ZONES = Intl.supportedValuesOf('timeZone');

/** Language, zone and colours. Language and zone follow the user to other devices. */
export function Appearance({ user }: { user: User }) {
  const t = useTranslations('settings');
  const preferences = useTranslations('preferences');
  const save = useSaveMe();
  const chosen = { language: useLanguage(), theme: useTheme(), figures: useFigureColours() };
  const zones = ZONES.includes(user.time_zone) ? ZONES : [user.time_zone, ...ZONES];

  async function chooseLanguage(language: Locale): Promise<void> {
    await changeLanguage(language);
    save.mutate({ language });
  }

  return (
    <Card title={t('appearance')}>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={preferences('language')}
          value={chosen.language}
          onChange={(event) => void chooseLanguage(oneOf(LANGUAGES, event.currentTarget.value))}
          options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
        />
        <SelectField
          label={t('timeZone')}
          value={user.time_zone}
          onChange={(event) => save.mutate({ time_zone: event.currentTarget.value })}
          options={zones.map((value) => ({ value, label: value }))}
        />
        <SelectField
          label={preferences('theme')}
          value={chosen.theme}
          onChange={(event) => setTheme(oneOf(THEMES, event.currentTarget.value))}
          options={THEMES.map((value) => ({ value, label: preferences(`themes.${value}`) }))}
        />
        <SelectField
          label={t('figures')}
          value={chosen.figures}
          onChange={(event) => setFigureColours(oneOf(FIGURES, event.currentTarget.value))}
          options={FIGURES.map((value) => ({ value, label: t(`figureColours.${value}`) }))}
        />
      </div>
      <ProblemText error={save.error} />
    </Card>
  );
}

/** The choice that a select's text stands for. */
function oneOf<Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  text: string,
): Choice {
  return choices.find((choice) => choice === text) ?? choices[0];
}

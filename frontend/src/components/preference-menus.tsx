import { Languages, Monitor, Moon, Sun } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { changeLanguage } from '@/lib/i18n/provider';
import { type Locale, setTheme, type Theme, useIsDark } from '@/lib/preferences';
import { IconButton } from './ui/button';
import { Menu, MenuItem } from './ui/menu';

/** Each language in its own words: readable before one is chosen. */
export const LANGUAGE_NAMES: Record<Locale, string> = { en: 'English', th: 'ไทย' };

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon } as const;

export function LanguageMenu({ onChange }: { onChange?: (locale: Locale) => void }) {
  const t = useTranslations('preferences');
  async function choose(locale: Locale): Promise<void> {
    await changeLanguage(locale);
    onChange?.(locale);
  }
  return (
    <Menu trigger={<IconButton icon={Languages} label={t('language')} />}>
      {(['en', 'th'] as const).map((locale) => (
        <MenuItem key={locale} onSelect={() => void choose(locale)}>
          <span lang={locale}>{LANGUAGE_NAMES[locale]}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}

export function ThemeMenu() {
  const t = useTranslations('preferences');
  const isDark = useIsDark();
  return (
    <Menu trigger={<IconButton icon={isDark ? Moon : Sun} label={t('theme')} />}>
      {(['system', 'light', 'dark'] as const satisfies Theme[]).map((theme) => (
        <MenuItem key={theme} icon={THEME_ICONS[theme]} onSelect={() => setTheme(theme)}>
          {t(`themes.${theme}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}

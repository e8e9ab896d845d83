import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
export type FigureColours = 'green-red' | 'blue-orange';
export type Locale = 'en' | 'th';

const THEME = 'flotilla.theme';
const FIGURES = 'flotilla.figures';
const LANGUAGE = 'flotilla.language';

const listeners = new Set<() => void>();
const systemDark = matchMedia('(prefers-color-scheme: dark)');
// Kept, because a browser that is asked between a change and its event holds the event back.
let isSystemDark = systemDark.matches;
systemDark.addEventListener('change', ({ matches }) => {
  isSystemDark = matches;
  apply();
});

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function theme(): Theme {
  const stored = localStorage.getItem(THEME);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function figureColours(): FigureColours {
  return localStorage.getItem(FIGURES) === 'blue-orange' ? 'blue-orange' : 'green-red';
}

/** The chosen language, else the browser's, else English. */
export function language(): Locale {
  const stored = localStorage.getItem(LANGUAGE);
  if (stored === 'en' || stored === 'th') return stored;
  return navigator.language.startsWith('th') ? 'th' : 'en';
}

/** Whether the language was chosen on this device. */
export const hasChosenLanguage = (): boolean => localStorage.getItem(LANGUAGE) !== null;

export const setTheme = (choice: Theme): void => store(THEME, choice);
export const setFigureColours = (choice: FigureColours): void => store(FIGURES, choice);
export const setLanguage = (choice: Locale): void => store(LANGUAGE, choice);

export const useTheme = (): Theme => useSyncExternalStore(listen, theme);
export const useFigureColours = (): FigureColours => useSyncExternalStore(listen, figureColours);
export const useLanguage = (): Locale => useSyncExternalStore(listen, language);

/** Whether the page is dark now, by choice or by the system's setting. */
export function useIsDark(): boolean {
  return useSyncExternalStore(listen, isDark);
}

/** Writes the choices to the page's root, where the tokens look. */
export function apply(): void {
  const root = document.documentElement;
  root.dataset.theme = isDark() ? 'dark' : 'light';
  root.dataset.figures = figureColours();
  root.lang = language();
  for (const listener of listeners) listener();
}

function isDark(): boolean {
  return theme() === 'dark' || (theme() === 'system' && isSystemDark);
}

function store(key: string, choice: string): void {
  localStorage.setItem(key, choice);
  apply();
}

import { useEffect, useRef } from 'react';
import { remembered } from '@/lib/remembered';

/** By key, as `j` or `?`; `mod+k` is with Ctrl, or the command key. */
export type Shortcuts = Record<string, (() => void) | undefined>;

/** What keys do while no window is open. Single ones not while somebody types, nor where they are switched off. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      const act = latest.current[keyOf(event)];
      if (!act || isMeantForOthers(event)) return;
      event.preventDefault();
      act();
    }
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** By its place where the keyboard writes another script: on a Thai one no key writes a `j`. */
function keyOf(event: KeyboardEvent): string {
  return isChord(event) ? `mod+${letterOf(event).toLowerCase()}` : letterOf(event);
}

function letterOf({ key, code, shiftKey }: KeyboardEvent): string {
  if (key.length > 1 || /[ -~]/.test(key)) return key;
  if (code === 'Slash') return shiftKey ? '?' : '/';
  return code.startsWith('Key') ? code.slice(3).toLowerCase() : key;
}

function isChord({ ctrlKey, metaKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey;
}

const TYPED_IN =
  'input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable=true]';
const WINDOWS = '[role=dialog], [role=alertdialog], [role=menu]';

function isMeantForOthers(event: KeyboardEvent): boolean {
  const { target, altKey, defaultPrevented } = event;
  if (altKey || defaultPrevented || document.querySelector(WINDOWS)) return true;
  if (isChord(event)) return false;
  const isTyping = target instanceof Element && target.closest(TYPED_IN) !== null;
  return isTyping || remembered('keys') === 'off';
}

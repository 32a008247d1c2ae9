import { prefer, preference } from './preferences';

export type ThemeChoice = 'system' | 'light' | 'dark';

const ORDER: readonly ThemeChoice[] = ['system', 'light', 'dark'];
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

export function themeChoice(): ThemeChoice {
  return ORDER.find((choice) => choice === preference('theme')) ?? 'system';
}

export function nextTheme(): ThemeChoice {
  return ORDER[(ORDER.indexOf(themeChoice()) + 1) % ORDER.length] ?? 'system';
}

export function chooseTheme(choice: ThemeChoice): void {
  prefer('theme', choice);
  apply();
}

/** Canvases cannot follow style sheets; they redraw on this. Returns how to stop listening. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Puts the theme on the document and follows the system's from now on. */
export function startTheme(): void {
  apply();
  dark.addEventListener('change', apply);
}

function apply(): void {
  const choice = themeChoice();
  document.documentElement.dataset['theme'] = choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice;
  for (const listener of listeners) listener();
}

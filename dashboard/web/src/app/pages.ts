import { overviewPage } from '../pages/overview';
import type { Feeds, View } from './feeds';

/** A page on screen. `update` is called at most once per frame while it is shown. */
export interface Page {
  readonly element: HTMLElement;
  update(view: View): void;
  destroy(): void;
}

export interface PageDefinition {
  /** In the address: `/dashboard/#/<path>`. */
  readonly path: string;
  readonly title: string;
  readonly create: (feeds: Feeds) => Page;
}

/** The pages in the order of the navigation; the first is where one lands. A new page needs one line here. */
export const PAGES: readonly [PageDefinition, ...PageDefinition[]] = [
  { path: 'overview', title: 'Overview', create: overviewPage },
];

export function pageFor(hash: string): PageDefinition {
  const path = hash.replace(/^#\/?/, '').split(/[/?]/)[0];
  return PAGES.find((page) => page.path === path) ?? PAGES[0];
}

import type { ThemeChoice } from '../app/theme';
import { svg } from './dom';

function icon(...children: SVGElement[]): SVGElement {
  return svg('svg', { viewBox: '0 0 24 24', width: 18, height: 18, 'aria-hidden': 'true', class: 'icon-image' }, ...children);
}

function stroke(d: string): SVGElement {
  return svg('path', { d, fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' });
}

/** A pipe seen from its end, the gate half down, water running below it. */
export function mark(): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 24 24', width: 22, height: 22, 'aria-hidden': 'true', class: 'mark' },
    svg('circle', { cx: 12, cy: 12, r: 10, fill: 'none', stroke: 'currentColor', 'stroke-width': 2 }),
    svg('path', { d: 'M3 11a9 9 0 0 1 18 0z', fill: 'currentColor' }),
    stroke('M7 16h10'),
  );
}

export function themeIcon(choice: ThemeChoice): SVGElement {
  switch (choice) {
    case 'light':
      return icon(
        svg('circle', { cx: 12, cy: 12, r: 4, fill: 'none', stroke: 'currentColor', 'stroke-width': 2 }),
        stroke('M12 3v1M12 20v1M3 12h1M20 12h1M5.6 5.6l.8.8M17.6 17.6l.8.8M5.6 18.4l.8-.8M17.6 6.4l.8-.8'),
      );
    case 'dark':
      return icon(stroke('M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z'));
    case 'system':
      return icon(
        svg('circle', { cx: 12, cy: 12, r: 8, fill: 'none', stroke: 'currentColor', 'stroke-width': 2 }),
        svg('path', { d: 'M12 4a8 8 0 0 1 0 16z', fill: 'currentColor' }),
      );
  }
}

import { h, type Child } from './dom';

/** A titled box. `aside` stands at the right of the title. */
export function panel(title: string, className: string, aside: Child, ...body: Child[]): HTMLElement {
  const id = `panel-${className}`;
  return h(
    'section',
    { class: `panel ${className}`, attrs: { 'aria-labelledby': id } },
    h('header', { class: 'panel-head' }, h('h2', { id }, title), aside),
    ...body,
  );
}

/**
 * Builds elements. Text only ever becomes text nodes: there is no way through here for a string to become markup.
 */

export type Child = Node | string | null | false;

export interface Props {
  readonly class?: string;
  readonly id?: string;
  readonly on?: { readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };
  /** Attributes by their HTML names; false and null leave one out, true sets it empty. */
  readonly attrs?: Readonly<Record<string, string | number | boolean | null>>;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (props.class !== undefined) element.className = props.class;
  if (props.id !== undefined) element.id = props.id;
  for (const [name, value] of Object.entries(props.attrs ?? {})) attr(element, name, value);
  for (const [name, listener] of Object.entries(props.on ?? {})) element.addEventListener(name, listener as EventListener);
  append(element, children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag: string, attrs: Readonly<Record<string, string | number>>, ...children: Node[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export function attr(element: Element, name: string, value: string | number | boolean | null): void {
  if (value === null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? '' : value)) {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Sets text only if it changed, so that selections survive and live regions do not repeat themselves. */
export function text(element: Element, value: string): void {
  if (element.textContent !== value) element.textContent = value;
}

export function show(element: HTMLElement, visible: boolean): void {
  if (element.hidden === visible) element.hidden = !visible;
}

export function replace(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child !== null && child !== false) element.append(child);
  }
}

/** A row that can be brought up to date in place. */
export interface Row<T> {
  readonly element: HTMLElement;
  update(item: T): void;
}

/**
 * Keeps the children of a container equal to a list, reusing the element of each key, so that focus and open details
 * survive updates.
 */
export class KeyedList<T> {
  private rows = new Map<string, Row<T>>();

  constructor(
    private readonly container: HTMLElement,
    private readonly key: (item: T) => string,
    private readonly create: (item: T) => Row<T>,
  ) {}

  update(items: readonly T[]): void {
    const focused = this.container.contains(document.activeElement) ? document.activeElement : null;
    const next = new Map<string, Row<T>>();
    for (const item of items) {
      const key = this.key(item);
      const row = this.rows.get(key) ?? this.create(item);
      row.update(item);
      next.set(key, row);
    }
    for (const [key, row] of this.rows) if (!next.has(key)) row.element.remove();
    let index = 0;
    for (const row of next.values()) {
      if (this.container.children[index] !== row.element) {
        this.container.insertBefore(row.element, this.container.children[index] ?? null);
      }
      index += 1;
    }
    // Moving an element takes its focus away.
    if (focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused) {
      focused.focus({ preventScroll: true });
    }
    this.rows = next;
  }
}

import type { View } from '../../app/feeds';
import type { Live, SloFigures } from '../../stream/protocol';
import { attr, h, show, text } from '../../ui/dom';
import { count, duration, NONE, number, objective, percent, type Quantity } from '../../ui/format';

/** The key figures of now, in one strip. */
export class Tiles {
  private readonly rate = figure();
  private readonly errors = figure();
  private readonly p50 = figure('p50');
  private readonly p95 = figure('p95');
  private readonly p99 = figure('p99');
  private readonly hits = figure();
  private readonly batch = figure();
  private readonly inFlight = figure('in flight');
  private readonly queued = figure('queued');
  private readonly budget = figure();
  private readonly budgetNote = h('p', { class: 'tile-note' });
  private readonly meterFill = h('span', {});
  private readonly meter = h('div', { class: 'meter', attrs: { 'aria-hidden': 'true' } }, this.meterFill);
  private readonly budgetTitle = h('h2', {}, 'Error budget');

  readonly element = h(
    'section',
    { class: 'tiles', attrs: { 'aria-label': 'Key figures' } },
    tile('Requests', '', this.rate.element),
    tile('Errors', '', this.errors.element),
    tile('Latency', 'wide', this.p50.element, this.p95.element, this.p99.element),
    tile('Cache hits', '', this.hits.element),
    tile('Mean batch', '', this.batch.element),
    tile('Load', 'pair', this.inFlight.element, this.queued.element),
    h('div', { class: 'tile slo' }, this.budgetTitle, h('div', { class: 'figures' }, this.budget.element), this.meter, this.budgetNote),
  );

  update(view: View): void {
    const live = view.monitor.live;
    if (live === null) return;
    this.traffic(live);
    this.slo(live.slo, live.rate > 0);
  }

  private traffic(live: Live): void {
    // Without a request in the window there is no error rate; 0 % would be praise for nothing.
    const quiet = live.rate === 0;
    this.rate.set({ value: number(live.rate), unit: '/s' });
    this.errors.set({ value: quiet ? NONE : percent(live.errorRate), unit: '' });
    attr(this.errors.element, 'data-level', quiet ? null : level(live.errorRate, 0.01, 0.05));
    this.p50.set(duration(live.p50Ms));
    this.p95.set(duration(live.p95Ms));
    this.p99.set(duration(live.p99Ms));
    this.hits.set({ value: percent(live.cache.hitRatio), unit: '' });
    this.batch.set({ value: number(live.batching.meanSize), unit: live.batching.meanSize === null ? '' : 'items' });
    this.inFlight.set({ value: count(live.inFlight), unit: '' });
    this.queued.set({ value: count(live.batching.queued), unit: '' });
  }

  private slo(slo: SloFigures | null, traffic: boolean): void {
    const left = slo?.budgetRemaining ?? null;
    this.budget.set({ value: percent(left), unit: left === null ? '' : 'left' });
    attr(this.budget.element, 'data-level', left === null ? null : level(1 - left, 0.75, 1));
    show(this.meter, left !== null);
    this.meterFill.style.setProperty('width', `${Math.min(1, Math.max(0, left ?? 0)) * 100}%`);
    attr(this.meter, 'data-level', left === null ? null : level(1 - left, 0.75, 1));
    text(this.budgetNote, note(slo, traffic));
  }
}

function note(slo: SloFigures | null, traffic: boolean): string {
  if (slo === null) return 'No objective is set.';
  const goal = `${objective(slo.objective)} ${slo.name}`.trim();
  if (slo.burn === null) return `${goal} · ${traffic ? 'measuring' : 'no requests yet'}`;
  return `${goal} · burning ${number(slo.burn)}×`;
}

/** Null while all is well, so that colour is kept for what deserves a look. */
function level(value: number, warn: number, bad: number): string | null {
  return value >= bad ? 'bad' : value >= warn ? 'warn' : null;
}

function tile(title: string, className: string, ...figures: HTMLElement[]): HTMLElement {
  return h('div', { class: `tile ${className}` }, h('h2', {}, title), h('div', { class: 'figures' }, ...figures));
}

interface Figure {
  readonly element: HTMLElement;
  set(quantity: Quantity): void;
}

function figure(label?: string): Figure {
  const value = h('span', { class: 'value' }, NONE);
  const unit = h('span', { class: 'unit' });
  const element = h('div', { class: 'figure' }, label !== undefined && h('span', { class: 'figure-label' }, label), h('span', { class: 'quantity' }, value, ' ', unit));
  return {
    element,
    set(quantity) {
      text(value, quantity.value);
      text(unit, quantity.unit);
    },
  };
}

import type { View } from '../../app/feeds';
import type { MonitorState } from '../../stream/monitor';
import type { Live, SloFigures } from '../../stream/protocol';
import { attr, h, show, text } from '../../ui/dom';
import { count, duration, NONE, number, objective, percent, type Quantity } from '../../ui/format';

/** The key figures of now, in one strip: each a heading, a value, and a line that puts the value in proportion. */
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
  private readonly meterFill = h('span', {});
  private readonly meter = h('div', { class: 'meter', attrs: { 'aria-hidden': 'true' } }, this.meterFill);

  readonly element = h(
    'section',
    { class: 'tiles', attrs: { 'aria-label': 'Key figures' } },
    tile('Requests', '', this.rate.element),
    tile('Errors', '', this.errors.element),
    tile('Latency', 'wide', this.p50.element, this.p95.element, this.p99.element),
    tile('Cache hits', '', this.hits.element),
    tile('Mean batch', '', this.batch.element),
    tile('Load', 'pair', this.inFlight.element, this.queued.element),
    tile('Error budget', 'slo', this.budget.element, this.meter),
  );

  update(view: View): void {
    const live = view.monitor.live;
    if (live === null) return;
    this.traffic(live, view.monitor);
    this.work(live);
    this.slo(live.slo, live.rate > 0);
  }

  private traffic(live: Live, monitor: MonitorState): void {
    // Without a request in the window there is no error rate; 0 % would be praise for nothing.
    const quiet = live.rate === 0;
    const peak = monitor.points.reduce((max, point) => Math.max(max, point.rate), 0);
    this.rate.set({ value: number(live.rate), unit: '/s' }, peak > 0 ? `peak ${number(peak)} in 15 min` : 'none in 15 min');
    this.errors.set({ value: quiet ? NONE : percent(live.errorRate), unit: '' }, quiet ? 'no requests' : `${number(live.rate * live.errorRate)} /s failed`);
    attr(this.errors.element, 'data-level', quiet ? null : level(live.errorRate, 0.01, 0.05));
    this.p50.set(duration(live.p50Ms));
    this.p95.set(duration(live.p95Ms));
    this.p99.set(duration(live.p99Ms));
    this.inFlight.set({ value: count(live.inFlight), unit: '' });
  }

  private work(live: Live): void {
    const { cache, batching } = live;
    const lookups = cache.l1 + cache.l2 + cache.l3 + cache.misses;
    this.hits.set({ value: percent(cache.hitRatio), unit: '' }, lookups === 0 ? 'no lookups' : `of ${count(lookups)} lookups`);
    this.batch.set(
      { value: number(batching.meanSize), unit: batching.meanSize === null ? '' : 'items' },
      batching.calls === 0 ? 'no batches' : `largest ${count(batching.maxSize)}`,
    );
    this.queued.set({ value: count(batching.queued), unit: '' });
  }

  private slo(slo: SloFigures | null, traffic: boolean): void {
    const left = slo?.budgetRemaining ?? null;
    const mark = left === null ? null : level(1 - left, 0.75, 1);
    this.budget.set({ value: percent(left), unit: left === null ? '' : 'left' }, sloNote(slo, traffic));
    attr(this.budget.element, 'data-level', mark);
    attr(this.meter, 'data-level', mark);
    show(this.meter, left !== null);
    this.meterFill.style.setProperty('width', `${Math.min(1, Math.max(0, left ?? 0)) * 100}%`);
  }
}

function sloNote(slo: SloFigures | null, traffic: boolean): string {
  if (slo === null) return 'no objective is set';
  const goal = `${objective(slo.objective)} ${slo.name}`.trim();
  if (slo.burn === null) return `${goal} · ${traffic ? 'measuring' : 'no requests yet'}`;
  return `${goal} · burning ${number(slo.burn)}×`;
}

/** Null while all is well, so that colour is kept for what deserves a look. */
function level(value: number, warn: number, bad: number): string | null {
  return value >= bad ? 'bad' : value >= warn ? 'warn' : null;
}

function tile(title: string, className: string, ...body: HTMLElement[]): HTMLElement {
  return h('div', { class: `tile ${className}` }, h('h2', {}, title), h('div', { class: 'figures' }, ...body));
}

interface Figure {
  readonly element: HTMLElement;
  set(quantity: Quantity, note?: string): void;
}

/** A value over a line of small text: a fixed label, or the note that is given with each value. */
function figure(label = ''): Figure {
  const value = h('span', { class: 'value' }, NONE);
  const unit = h('span', { class: 'unit' });
  const note = h('span', { class: 'tile-note' }, label);
  const element = h('div', { class: 'figure' }, h('span', { class: 'quantity' }, value, ' ', unit), note);
  return {
    element,
    set(quantity, words = label) {
      text(value, quantity.value);
      text(unit, quantity.unit);
      text(note, words);
    },
  };
}

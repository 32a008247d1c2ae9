import type { View } from '../../app/feeds';
import { prefer, preference } from '../../app/preferences';
import { columns } from '../../stream/monitor';
import type { Point } from '../../stream/protocol';
import { TimeChart, type ChartSpec } from '../../ui/chart';
import { attr, h } from '../../ui/dom';
import { compact, duration, join, number, percent } from '../../ui/format';

interface ChartSource {
  readonly spec: ChartSpec;
  readonly readers: ReadonlyArray<(point: Point) => number | null>;
}

const SOURCES: readonly ChartSource[] = [
  {
    spec: {
      title: 'Requests per second',
      series: [
        { label: 'all', color: 'series-1', fill: true },
        { label: 'failed', color: 'series-bad' },
      ],
      value: number,
      axis: compact,
      floor: 1,
      blankAtZero: true,
      empty: 'No requests in this span.',
    },
    readers: [(point) => point.rate, (point) => point.rate * point.errorRate],
  },
  {
    spec: {
      title: 'Latency',
      log: true,
      series: [
        { label: 'p50', color: 'series-1' },
        { label: 'p95', color: 'series-2' },
        { label: 'p99', color: 'series-3' },
      ],
      value: (value) => join(duration(value)),
      axis: axisDuration,
      floor: 10,
      empty: 'Appears with the first request.',
    },
    readers: [(point) => point.p50Ms, (point) => point.p95Ms, (point) => point.p99Ms],
  },
  {
    spec: {
      title: 'Cache hit ratio',
      series: [{ label: 'hits', color: 'series-1', fill: true }],
      value: percent,
      axis: (value) => `${Math.round(value * 100)}%`,
      floor: 1,
      ceiling: 1,
      empty: 'Appears with the first cacheable request.',
    },
    readers: [(point) => point.hitRatio],
  },
  {
    spec: {
      title: 'Mean batch size',
      series: [{ label: 'items', color: 'series-1', fill: true }],
      value: number,
      axis: compact,
      floor: 4,
      empty: 'Appears with the first batch: embeddings of several callers travel together.',
    },
    readers: [(point) => point.meanBatch],
  },
];

const SPANS = [
  { minutes: 5, label: '5 min' },
  { minutes: 15, label: '15 min' },
] as const;

/** The last minutes as lines, all on one time axis with one shared pointer. */
export class Charts {
  private readonly charts = SOURCES.map((source) => new TimeChart(source.spec, 'overview'));
  private minutes: number = SPANS.find((span) => String(span.minutes) === preference('span'))?.minutes ?? 5;
  private view: View | null = null;
  private readonly buttons = SPANS.map((span) => h('button', { on: { click: () => this.choose(span.minutes) } }, span.label));

  readonly element = h(
    'section',
    { class: 'charts', attrs: { 'aria-labelledby': 'charts-title' } },
    h(
      'header',
      { class: 'section-head' },
      h('h2', { id: 'charts-title' }, 'Last minutes'),
      h('div', { class: 'segmented', attrs: { role: 'group', 'aria-label': 'Span of the charts' } }, ...this.buttons),
    ),
    h('div', { class: 'chart-grid' }, ...this.charts.map((chart) => chart.element)),
  );

  constructor() {
    this.markChosen();
  }

  update(view: View): void {
    this.view = view;
    const { points } = view.monitor;
    // The axis ends at the newest figure, so that time without data shows as age, not as a shrinking line.
    const toMs = points.at(-1)?.at ?? view.serverNowMs;
    const fromMs = toMs - this.minutes * 60_000;
    SOURCES.forEach((source, index) => {
      const { times, values } = columns(points, fromMs, source.readers);
      this.charts[index]?.update({ times, values, fromSeconds: fromMs / 1000, toSeconds: toMs / 1000 });
    });
  }

  destroy(): void {
    for (const chart of this.charts) chart.destroy();
  }

  private choose(minutes: number): void {
    this.minutes = minutes;
    prefer('span', String(minutes));
    this.markChosen();
    if (this.view !== null) this.update(this.view);
  }

  private markChosen(): void {
    SPANS.forEach((span, index) => {
      const button = this.buttons[index];
      if (button !== undefined) attr(button, 'aria-pressed', String(span.minutes === this.minutes));
    });
  }
}

function axisDuration(ms: number): string {
  return ms >= 1000 ? `${compact(ms / 1000)} s` : `${compact(ms)} ms`;
}

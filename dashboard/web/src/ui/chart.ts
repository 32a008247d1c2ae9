import uPlot from 'uplot';
import { onTheme } from '../app/theme';
import type { Series } from '../stream/monitor';
import { attr, h, show, text } from './dom';
import { clock } from './format';
import { logRange, logTicks } from './scale';

export interface SeriesSpec {
  readonly label: string;
  /** Name of the custom property that holds its colour, without the dashes. */
  readonly color: string;
  readonly fill?: boolean;
}

export interface ChartSpec {
  readonly title: string;
  readonly series: readonly SeriesSpec[];
  readonly value: (value: number | null) => string;
  readonly axis: (value: number) => string;
  /** Lowest top of the value axis, so that small noise does not fill the picture. */
  readonly floor: number;
  /** Highest top, where there is one, such as 1 for a ratio. */
  readonly ceiling?: number;
  /** Latencies differ by powers of ten; on a straight scale the fast ones would all lie on the floor. */
  readonly log?: boolean;
  /** Nothing but zeros counts as no data. */
  readonly blankAtZero?: boolean;
  readonly empty: string;
}

export interface ChartData {
  readonly times: number[];
  readonly values: Series[];
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

const HEIGHT = 132;

/** Steps of the time axis in seconds; finer ones would repeat a label, since it shows minutes. */
const MINUTES = [60, 120, 300, 600, 1800];

const LOG_AXIS: uPlot.Axis = {
  splits: (_plot, _axis, min, max) => logTicks(min, max),
  filter: (_plot, splits) => splits,
};

/** A panel with one line chart over time, its legend showing the newest values or those under the pointer. */
export class TimeChart {
  readonly element: HTMLElement;
  private readonly holder = h('div', { class: 'chart-holder', attrs: { role: 'img' } });
  private readonly empty: HTMLElement;
  private readonly when = h('span', { class: 'chart-when' });
  private readonly readings: HTMLElement[];
  private readonly stopTheme: () => void;
  private readonly resize: ResizeObserver;
  private plot: uPlot | null = null;
  private data: ChartData = { times: [], values: [], fromSeconds: 0, toSeconds: 1 };

  constructor(
    private readonly spec: ChartSpec,
    private readonly syncKey: string,
  ) {
    this.readings = spec.series.map(() => h('span', { class: 'reading' }));
    const legend = spec.series.map((series, index) => {
      const swatch = h('span', { class: 'swatch', attrs: { 'aria-hidden': 'true' } });
      swatch.style.setProperty('background', `var(--${series.color})`);
      return h('span', { class: 'legend-item' }, swatch, h('span', { class: 'muted' }, series.label), this.readings[index] ?? null);
    });
    this.empty = h('p', { class: 'chart-empty' }, h('span', {}, spec.empty));
    this.element = h(
      'section',
      { class: 'panel chart' },
      h('header', { class: 'panel-head' }, h('h3', {}, spec.title), this.when, h('div', { class: 'legend' }, ...legend)),
      h('div', { class: 'chart-frame' }, this.holder, this.empty),
    );
    this.stopTheme = onTheme(() => this.rebuild());
    this.resize = new ResizeObserver(() => this.fit());
    this.resize.observe(this.holder);
  }

  update(data: ChartData): void {
    const blank = (value: number | null): boolean => value === null || (this.spec.blankAtZero === true && value === 0);
    const any = data.values.some((column) => column.some((value) => !blank(value)));
    this.data = any ? data : { ...data, values: data.values.map((column) => column.map(() => null)) };
    show(this.empty, !any);
    if (this.plot === null) this.rebuild();
    else this.plot.setData(this.aligned(), true);
    this.read();
  }

  destroy(): void {
    this.stopTheme();
    this.resize.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  private aligned(): uPlot.AlignedData {
    return [this.data.times, ...this.data.values];
  }

  private fit(): void {
    const width = this.holder.clientWidth;
    if (width === 0) return;
    if (this.plot === null) this.rebuild();
    else if (this.plot.width !== width) this.plot.setSize({ width, height: HEIGHT });
  }

  private rebuild(): void {
    this.plot?.destroy();
    this.plot = null;
    const width = this.holder.clientWidth;
    if (width > 0) this.plot = new uPlot(this.options(width), this.aligned(), this.holder);
  }

  private options(width: number): uPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    const axis = { stroke: token('text-muted'), font: `11px ${token('font')}`, ticks: { show: false } };
    const grid = { stroke: token('grid'), width: 1 };
    const { spec } = this;
    return {
      width,
      height: HEIGHT,
      padding: [6, 18, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: this.syncKey, setSeries: false }, drag: { x: false, y: false }, points: { size: 6 }, y: false },
      scales: {
        x: { time: true, range: () => [this.data.fromSeconds, this.data.toSeconds] },
        y: spec.log === true ? { distr: 3, range: (_plot, min, max) => logRange(min, max, spec.floor) } : { range: (_plot, _min, max) => [0, this.top(max)] },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 22, gap: 4, space: 48, incrs: MINUTES, values: (_plot, splits) => splits.map(shortClock) },
        { ...axis, grid, size: 46, gap: 4, space: 30, values: (_plot, splits) => splits.map((value) => spec.axis(value)), ...(spec.log === true ? LOG_AXIS : {}) },
      ],
      series: [
        {},
        ...spec.series.map((series) => ({
          label: series.label,
          stroke: token(series.color),
          width: 1.75,
          points: { show: false },
          spanGaps: false,
          ...(series.fill === true ? { fill: token(`${series.color}-fill`) } : {}),
        })),
      ],
      hooks: { setCursor: [() => this.read()] },
    };
  }

  private top(max: number | null): number {
    const { floor, ceiling } = this.spec;
    const wanted = Math.max(floor, (max ?? 0) * 1.12);
    return ceiling === undefined ? wanted : Math.min(ceiling, wanted);
  }

  /** Brings the legend to the point under the pointer, or to the newest one. */
  private read(): void {
    const under = this.plot?.cursor.idx ?? null;
    const hovering = under !== null && (this.plot?.cursor.left ?? -1) >= 0;
    const index = hovering ? under : this.data.times.length - 1;
    this.readings.forEach((reading, column) => text(reading, this.spec.value(this.data.values[column]?.[index] ?? null)));
    const at = this.data.times[index];
    text(this.when, hovering && at !== undefined ? clock(at * 1000) : this.spec.log === true ? 'log scale' : '');
    if (!hovering) this.describe(index);
  }

  private describe(index: number): void {
    const parts = this.spec.series.map((series, column) => `${series.label} ${this.spec.value(this.data.values[column]?.[index] ?? null)}`);
    attr(this.holder, 'aria-label', `${this.spec.title}, line chart. Now: ${parts.join(', ')}.`);
  }
}

function shortClock(seconds: number): string {
  return clock(seconds * 1000).slice(0, 5);
}

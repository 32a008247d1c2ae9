import type { View } from '../../app/feeds';
import type { BatchFigures } from '../../stream/protocol';
import { attr, h, KeyedList, show, text, type Row } from '../../ui/dom';
import { count, duration, join, number } from '../../ui/format';
import { panel } from '../../ui/panel';
import { bucketLabel, buckets, type Bucket } from './histogram';

interface Column {
  readonly bucket: Bucket;
  readonly highest: number;
}

const FACTS: ReadonlyArray<readonly [string, (figures: BatchFigures) => string]> = [
  ['Calls', (figures) => count(figures.calls)],
  ['Items', (figures) => count(figures.items)],
  ['Mean', (figures) => number(figures.meanSize)],
  ['Largest', (figures) => (figures.calls === 0 ? number(null) : count(figures.maxSize))],
  ['Wait p95', (figures) => join(duration(figures.waitP95Ms))],
  ['Queued', (figures) => count(figures.queued)],
];

/** How well work is gathered: the sizes of batches and what waits. */
export class BatchingPanel {
  private readonly values = FACTS.map(() => h('dd', {}));
  private readonly facts = h('dl', { class: 'facts' }, ...FACTS.map(([name], index) => h('div', {}, h('dt', {}, name), this.values[index] ?? null)));
  private readonly columns = h('div', { class: 'histogram', attrs: { role: 'img' } });
  private readonly rows = new KeyedList<Column>(this.columns, (column) => bucketLabel(column.bucket), columnRow);
  private readonly caption = h('p', { class: 'muted caption' }, 'Batches by number of items');
  private readonly empty = h(
    'p',
    { class: 'empty' },
    'No batch went out in this window. Embeddings that several callers ask for at the same time travel in one call.',
  );
  readonly element = panel('Batches', 'batching', null, this.facts, this.columns, this.caption, this.empty);

  update(view: View): void {
    const figures = view.monitor.live?.batching;
    if (figures === undefined) return;
    FACTS.forEach(([, read], index) => text(this.values[index] as HTMLElement, read(figures)));
    const list = buckets(figures.sizes);
    const highest = list.reduce((max, bucket) => Math.max(max, bucket.count), 0);
    this.rows.update(list.map((bucket) => ({ bucket, highest })));
    show(this.columns, list.length > 0);
    show(this.caption, list.length > 0);
    show(this.empty, figures.calls === 0 && list.length === 0);
    attr(this.columns, 'aria-label', describe(list));
  }
}

function columnRow(): Row<Column> {
  const bar = h('span', { class: 'column-bar' });
  const size = h('span', { class: 'column-size' });
  const element = h('div', { class: 'column' }, h('span', { class: 'column-track' }, bar), size);
  return {
    element,
    update({ bucket, highest }) {
      const label = bucketLabel(bucket);
      bar.style.setProperty('height', `${highest === 0 ? 0 : (bucket.count / highest) * 100}%`);
      attr(bar, 'data-empty', bucket.count === 0);
      attr(element, 'title', `${count(bucket.count)} batches of ${label}`);
      text(size, label);
    },
  };
}

function describe(list: readonly Bucket[]): string {
  const parts = list.filter((bucket) => bucket.count > 0).map((bucket) => `${bucket.count} of ${bucketLabel(bucket)}`);
  return `Batches by number of items: ${parts.join(', ')}`;
}

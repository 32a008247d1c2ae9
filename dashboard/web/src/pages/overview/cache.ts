import type { View } from '../../app/feeds';
import type { CacheFigures } from '../../stream/protocol';
import { attr, h, show, text } from '../../ui/dom';
import { count, percent, share } from '../../ui/format';
import { panel } from '../../ui/panel';

interface Tier {
  readonly key: Exclude<keyof CacheFigures, 'hitRatio' | 'item'>;
  readonly name: string;
  readonly what: string;
}

const TIERS: readonly Tier[] = [
  { key: 'l1', name: 'L1', what: 'memory of the gateway' },
  { key: 'l2', name: 'L2', what: 'Redis' },
  { key: 'l3', name: 'L3', what: 'Postgres' },
  { key: 'misses', name: 'Miss', what: 'computed by a backend' },
];

/** Which tier answered, as a bar and as numbers. */
export class CachePanel {
  private readonly ratio = h('span', { class: 'head-figure' });
  private readonly parts = TIERS.map((tier) => h('span', { class: 'bar-part', attrs: { 'data-tier': tier.key } }));
  private readonly counts = TIERS.map(() => h('td', { class: 'number' }));
  private readonly shares = TIERS.map(() => h('td', { class: 'number' }));
  private readonly bar = h('div', { class: 'stack', attrs: { 'aria-hidden': 'true' } }, ...this.parts);
  private readonly table = h(
    'table',
    {},
    h('thead', {}, h('tr', {}, ...['Answered by', 'Lookups', 'Share'].map((name, index) => h('th', { class: index > 0 ? 'number' : '', attrs: { scope: 'col' } }, name)))),
    h('tbody', {}, ...TIERS.map((tier, index) => this.row(tier, index))),
  );
  private readonly empty = h('p', { class: 'empty' }, 'Nothing was looked up in this window. Send the same request twice to see a hit.');
  readonly element = panel('Cache', 'cache', this.ratio, this.bar, this.table, this.empty);

  update(view: View): void {
    const cache = view.monitor.live?.cache;
    if (cache === undefined) return;
    const total = TIERS.reduce((sum, tier) => sum + cache[tier.key], 0);
    text(this.ratio, cache.hitRatio === null ? '' : `${percent(cache.hitRatio)} hits`);
    show(this.bar, total > 0);
    show(this.table, total > 0);
    show(this.empty, total === 0);
    TIERS.forEach((tier, index) => {
      const part = total === 0 ? 0 : cache[tier.key] / total;
      this.parts[index]?.style.setProperty('flex-grow', String(part));
      attr(this.parts[index] as HTMLElement, 'hidden', part === 0);
      text(this.counts[index] as HTMLElement, count(cache[tier.key]));
      text(this.shares[index] as HTMLElement, share(part));
    });
  }

  private row(tier: Tier, index: number): HTMLElement {
    return h(
      'tr',
      {},
      h(
        'th',
        { attrs: { scope: 'row' } },
        h('span', { class: 'swatch', attrs: { 'data-tier': tier.key, 'aria-hidden': 'true' } }),
        tier.name,
        ' ',
        h('span', { class: 'muted' }, tier.what),
      ),
      this.counts[index] ?? null,
      this.shares[index] ?? null,
    );
  }
}

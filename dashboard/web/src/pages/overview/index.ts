import type { Feeds, View } from '../../app/feeds';
import type { Page } from '../../app/pages';
import { attr, h } from '../../ui/dom';
import { AlertsPanel } from './alerts';
import { BatchingPanel } from './batching';
import { CachePanel } from './cache';
import { Charts } from './charts';
import { FirstRequest } from './first-request';
import { ServicesPanel } from './services';
import { StatusBanner } from './status';
import { Tiles } from './tiles';

/** The first page: is it well, how much goes through, how fast, from where, and what needs a hand. */
export function overviewPage(feeds: Feeds): Page {
  const alerts = new AlertsPanel(feeds);
  const charts = new Charts();
  const status = new StatusBanner();
  const tiles = new Tiles();
  const first = new FirstRequest();
  const cache = new CachePanel();
  const batching = new BatchingPanel();
  const services = new ServicesPanel();
  const element = h(
    'div',
    { class: 'overview' },
    h('h1', { class: 'visually-hidden' }, 'Overview'),
    status.element,
    tiles.element,
    first.element,
    h(
      'div',
      { class: 'overview-columns' },
      h('div', { class: 'overview-main' }, charts.element, h('div', { class: 'overview-pair' }, cache.element, batching.element)),
      h('div', { class: 'overview-side' }, alerts.element, services.element),
    ),
  );
  return {
    element,
    update(view: View): void {
      // Old figures stay readable but are visibly not of now.
      const old = view.monitorConnection.kind === 'stale' || view.monitorConnection.kind === 'reconnecting';
      attr(element, 'data-old', old);
      for (const part of [status, tiles, first, charts, alerts, cache, batching, services]) part.update(view);
    },
    destroy: () => charts.destroy(),
  };
}

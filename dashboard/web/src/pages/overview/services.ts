import type { View } from '../../app/feeds';
import type { ServiceRow } from '../../stream/protocol';
import { attr, h, KeyedList, show, text, type Row } from '../../ui/dom';
import { elapsed, NONE } from '../../ui/format';
import { panel } from '../../ui/panel';

/** Every member of the cluster and when it was last heard. */
export class ServicesPanel {
  private readonly total = h('span', { class: 'count' });
  private readonly body = h('tbody', {});
  private readonly rows = new KeyedList<ServiceRow>(this.body, (row) => `${row.service} ${row.member}`, serviceRow);
  private readonly table = h(
    'table',
    {},
    h(
      'thead',
      {},
      h('tr', {}, ...['Service', 'Member', 'Status', 'Heard'].map((name, index) => h('th', { class: index === 3 ? 'number' : '', attrs: { scope: 'col' } }, name))),
    ),
    this.body,
  );
  private readonly empty = h(
    'p',
    { class: 'empty' },
    'No service has reported yet. Each reports every 5 s; if this stays empty, look at the log of the monitor service.',
  );
  readonly element = panel('Services', 'services', this.total, h('div', { class: 'scroll-x' }, this.table), this.empty);

  update(view: View): void {
    const services = view.monitor.live?.services ?? [];
    const sorted = [...services].sort((a, b) => a.service.localeCompare(b.service) || a.member.localeCompare(b.member));
    this.rows.update(sorted);
    text(this.total, services.length === 0 ? '' : String(services.length));
    show(this.table, services.length > 0);
    show(this.empty, view.monitor.live !== null && services.length === 0);
  }
}

function serviceRow(): Row<ServiceRow> {
  const name = h('th', { attrs: { scope: 'row' } });
  const member = h('td', { class: 'member' });
  const label = h('span', {});
  const status = h('span', { class: 'health' }, h('span', { class: 'shape', attrs: { 'aria-hidden': 'true' } }), label);
  const seen = h('td', { class: 'number' });
  return {
    element: h('tr', {}, name, member, h('td', {}, status), seen),
    update(row) {
      text(name, row.service);
      text(member, row.member);
      attr(member, 'title', row.member);
      attr(status, 'data-health', row.status);
      text(label, row.status);
      text(seen, row.lastSeenSeconds === null ? NONE : `${elapsed(row.lastSeenSeconds * 1000)} ago`);
    },
  };
}

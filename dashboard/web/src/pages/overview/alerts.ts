import type { Feeds, View } from '../../app/feeds';
import type { Connection } from '../../stream/connection';
import type { Alert } from '../../stream/protocol';
import { attr, h, KeyedList, show, text, type Row } from '../../ui/dom';
import { clock, elapsed, number } from '../../ui/format';
import { panel } from '../../ui/panel';

interface Item {
  readonly alert: Alert;
  readonly acknowledging: boolean;
  readonly nowMs: number;
}

/** What needs a hand now, each with what to do about it. */
export class AlertsPanel {
  private readonly total = h('span', { class: 'count' });
  private readonly old = h('span', { class: 'old', attrs: { hidden: true } });
  private readonly open = h('ul', { class: 'alert-list' });
  private readonly none = h('div', { class: 'empty' });
  private readonly noticeText = h('span', {});
  private readonly notice: HTMLElement;
  private readonly resolvedTitle = h('summary', {});
  private readonly resolved = h('ul', { class: 'resolved-list' });
  private readonly resolvedBox = h('details', { class: 'resolved' }, this.resolvedTitle, this.resolved);
  private readonly openRows: KeyedList<Item>;
  private readonly resolvedRows = new KeyedList<Item>(this.resolved, (item) => item.alert.id, resolvedRow);
  readonly element: HTMLElement;

  constructor(private readonly feeds: Feeds) {
    this.notice = h(
      'div',
      { class: 'notice', attrs: { role: 'alert', hidden: true } },
      this.noticeText,
      h('button', { class: 'button small', on: { click: () => this.feeds.dismiss() } }, 'Dismiss'),
    );
    this.openRows = new KeyedList<Item>(this.open, (item) => item.alert.id, (item) => this.row(item));
    this.element = panel('Active alerts', 'alerts', h('span', { class: 'head-pair' }, this.total, this.old), this.notice, this.open, this.none, this.resolvedBox);
  }

  update(view: View): void {
    const { alerts } = view;
    const items = (list: readonly Alert[]): Item[] =>
      list.map((alert) => ({ alert, acknowledging: alerts.acknowledging.has(alert.id), nowMs: view.serverNowMs }));
    this.openRows.update(items(alerts.open));
    this.resolvedRows.update(items(alerts.resolved));
    text(this.total, alerts.known ? String(alerts.open.length) : '');
    show(this.open, alerts.open.length > 0);
    show(this.none, alerts.open.length === 0);
    text(this.none, this.emptyText(view));
    show(this.resolvedBox, alerts.resolved.length > 0);
    text(this.resolvedTitle, `Recently resolved (${alerts.resolved.length})`);
    show(this.old, alerts.known && lost(view.alertsConnection));
    text(this.old, lost(view.alertsConnection) ? `As of ${clock(view.alertsConnection.since ?? view.nowMs)}, not connected` : '');
    const notice = alerts.error ?? (alerts.missedEvents ? 'Some alert events were missed while disconnected; the list is up to date again.' : '');
    text(this.noticeText, notice);
    show(this.notice, notice !== '');
  }

  private emptyText(view: View): string {
    if (!view.alerts.known) return 'Waiting for the alert service.';
    return 'Nothing is firing. Alerts appear here within seconds, each with what to do about it.';
  }

  private row(first: Item): Row<Item> {
    const { id } = first.alert;
    let busy = false;
    const name = h('h3', {});
    const severity = h('span', { class: 'badge' });
    const summary = h('p', { class: 'alert-summary' });
    const meta = h('p', { class: 'muted alert-meta' });
    const remedy = h('p', {});
    const remedyBox = h('div', { class: 'remedy' }, h('h4', {}, 'What to do'), remedy);
    const description = h('p', {});
    const labels = h('dl', { class: 'labels' });
    const more = h('details', {}, h('summary', {}, 'Details'), description, labels);
    const ack = h('button', { class: 'button small', on: { click: () => void (busy || this.feeds.acknowledge(id)) } });
    const element = h(
      'li',
      { class: 'alert', attrs: { tabindex: -1 } },
      h('div', { class: 'alert-head' }, severity, name, ack),
      summary,
      meta,
      remedyBox,
      more,
    );
    let drawn: Alert | null = null;
    return {
      element,
      update({ alert, acknowledging, nowMs }) {
        attr(element, 'data-severity', alert.severity);
        attr(element, 'data-state', alert.state);
        text(meta, metaText(alert, nowMs));
        const open = alert.state === 'firing' || alert.state === 'pending';
        // The button goes away under the finger that pressed it; its alert takes the focus.
        if (!open && document.activeElement === ack) element.focus({ preventScroll: true });
        show(ack, open);
        busy = acknowledging;
        // Not `disabled`, which would drop the focus.
        attr(ack, 'aria-disabled', acknowledging ? 'true' : null);
        text(ack, acknowledging ? 'Acknowledging…' : 'Acknowledge');
        attr(ack, 'aria-label', acknowledging ? null : `Acknowledge ${alert.name}`);
        if (drawn === alert) return;
        drawn = alert;
        text(name, alert.name || alert.id);
        text(severity, alert.severity);
        text(summary, alert.summary);
        show(summary, alert.summary !== '');
        text(remedy, alert.remediation);
        show(remedyBox, alert.remediation !== '');
        text(description, alert.description);
        show(description, alert.description !== '');
        labels.replaceChildren(...alert.labels.flatMap(([key, value]) => [h('dt', {}, key), h('dd', {}, value)]));
        show(more, alert.description !== '' || alert.labels.length > 0);
      },
    };
  }
}

type Lost = Extract<Connection, { since: unknown }>;

function lost(state: Connection): state is Lost {
  return state.kind === 'stale' || state.kind === 'reconnecting';
}

function metaText(alert: Alert, nowMs: number): string {
  const since = alert.firedAt ?? alert.startsAt;
  return [
    since === null ? alert.state : `${alert.state} · ${elapsed(nowMs - since)}`,
    alert.service,
    alert.team,
    alert.value === null ? null : `value ${number(alert.value)}${alert.threshold === null ? '' : `, limit ${number(alert.threshold)}`}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

function resolvedRow(first: Item): Row<Item> {
  const name = h('span', {}, first.alert.name);
  const when = h('span', { class: 'muted' });
  return {
    element: h('li', {}, name, when),
    update({ alert, nowMs }) {
      text(name, alert.name);
      text(when, alert.endsAt === null ? '' : `${elapsed(nowMs - alert.endsAt)} ago`);
    },
  };
}

import type { View } from '../../app/feeds';
import type { Health } from '../../stream/protocol';
import { attr, h, KeyedList, show, text } from '../../ui/dom';
import { elapsed } from '../../ui/format';

const LABEL: Record<Health, string> = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  unhealthy: 'Unhealthy',
  unknown: 'Unknown',
};

/** One word on the whole system, and why. */
export class StatusBanner {
  private readonly label = h('span', {}, 'Waiting');
  private readonly pill = h('span', { class: 'pill' }, h('span', { class: 'shape', attrs: { 'aria-hidden': 'true' } }), this.label);
  private readonly reasons = h('ul', { class: 'reasons' });
  private readonly window = h('span', { class: 'muted window' });
  private readonly list = new KeyedList<string>(this.reasons, (reason) => reason, reasonRow);
  readonly element = h('section', { class: 'status', attrs: { 'aria-label': 'Status' } }, this.pill, this.reasons, this.window);

  update(view: View): void {
    const live = view.monitor.live;
    if (live === null) {
      attr(this.pill, 'data-health', 'unknown');
      text(this.label, 'Waiting');
      this.list.update(['The first figures have not arrived yet.']);
      show(this.window, false);
      return;
    }
    attr(this.pill, 'data-health', live.status);
    text(this.label, LABEL[live.status]);
    this.list.update([...new Set(live.reasons.length > 0 ? live.reasons : defaultReason(live.status))]);
    show(this.window, live.windowSeconds > 0);
    text(this.window, `Figures cover the last ${windowText(live.windowSeconds)}`);
  }
}

function windowText(seconds: number): string {
  return seconds <= 120 ? `${Math.round(seconds)} s` : elapsed(seconds * 1000);
}

function defaultReason(status: Health): readonly string[] {
  switch (status) {
    case 'healthy':
      return ['Everything works as it should.'];
    case 'unknown':
      return ['No service has reported its state yet.'];
    default:
      return ['No reason was given.'];
  }
}

function reasonRow(reason: string): { element: HTMLElement; update: () => void } {
  return { element: h('li', {}, reason), update: () => undefined };
}

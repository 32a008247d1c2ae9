import type { View } from '../../app/feeds';
import { h, show, text } from '../../ui/dom';

/** Stands where traffic will be while there is none: a line to paste. */
export class FirstRequest {
  private readonly command = h('code', {}, curl(location.origin));
  private readonly copy = h('button', { class: 'button small', on: { click: () => void this.copyCommand() } }, 'Copy');
  readonly element = h(
    'section',
    { class: 'panel first-request', attrs: { hidden: true, 'aria-labelledby': 'first-title' } },
    h('header', { class: 'panel-head' }, h('h2', { id: 'first-title' }, 'No requests in the last minutes. Send one:'), this.copy),
    h('pre', { attrs: { tabindex: 0 } }, this.command),
    h(
      'p',
      { class: 'muted' },
      'Put a key in PENSTOCK_KEY first. Send it twice: the second answer comes from the cache, and this page shows it within seconds.',
    ),
  );

  update(view: View): void {
    show(this.element, view.monitor.live !== null && !view.monitor.sawTraffic);
  }

  private async copyCommand(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.command.textContent ?? '');
      text(this.copy, 'Copied');
    } catch {
      // Not allowed outside a secure context: select it, so that one keystroke copies it.
      getSelection()?.selectAllChildren(this.command);
      text(this.copy, 'Selected');
    }
    window.setTimeout(() => text(this.copy, 'Copy'), 2_000);
  }
}

function curl(origin: string): string {
  return [
    `curl ${origin}/v1/embeddings \\`,
    '  -H "Authorization: Bearer $PENSTOCK_KEY" \\',
    '  -H "Content-Type: application/json" \\',
    `  -d '{"model":"sandbox-embed","input":["one text","another text"]}'`,
  ].join('\n');
}

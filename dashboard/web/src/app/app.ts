import { reconnectDelayMs } from '../stream/backoff';
import { loginView } from '../pages/login';
import { h, replace } from '../ui/dom';
import { mark } from '../ui/icons';
import { checkSession, type Session } from './session';
import { Shell } from './shell';

/** Close codes by which the server says that the session is no longer good. */
const SESSION_OVER = new Set([1008, 4401, 4403]);
/** Session checks are rate limited, and a server that is merely away drops connections too: so they grow rarer. */
const FIRST_CHECK_INTERVAL_MS = 30_000;
const LAST_CHECK_INTERVAL_MS = 240_000;
const CALM_MS = 600_000;

/** Decides what fills the page: the login, the shell, or the wait for a server that does not answer. */
export class App {
  private shell: Shell | null = null;
  private checkedAt = 0;
  private checkIntervalMs = FIRST_CHECK_INTERVAL_MS;

  constructor(private readonly root: HTMLElement) {}

  async start(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const check = await checkSession();
      if (check.kind === 'signed-in') return this.enter(check.session);
      if (check.kind === 'signed-out') return this.leave(null);
      const waitMs = Math.max(check.retryAfterMs ?? 0, reconnectDelayMs(attempt, Math.random()));
      this.showWaiting(check.detail, waitMs);
      await new Promise((resolve) => window.setTimeout(resolve, waitMs));
    }
  }

  private enter(session: Session): void {
    this.checkedAt = Date.now();
    this.shell = new Shell(session, {
      onDrop: (code) => void this.onDrop(code),
      onSignedOut: () => this.leave('You are signed out.'),
    });
    replace(this.root, this.shell.element);
    this.shell.start();
  }

  private leave(notice: string | null): void {
    this.shell?.stop();
    this.shell = null;
    document.title = 'Sign in · Penstock';
    const view = loginView(notice, () => void this.start());
    replace(this.root, view.element);
    view.focus();
  }

  /** A refused handshake looks to a page like any lost connection; only asking tells whether the session is over. */
  private async onDrop(code: number): Promise<void> {
    const sinceMs = Date.now() - this.checkedAt;
    if (sinceMs > CALM_MS) this.checkIntervalMs = FIRST_CHECK_INTERVAL_MS;
    if (sinceMs <= this.checkIntervalMs && !SESSION_OVER.has(code)) return;
    const shell = this.shell;
    this.checkedAt = Date.now();
    this.checkIntervalMs = Math.min(LAST_CHECK_INTERVAL_MS, this.checkIntervalMs * 2);
    const check = await checkSession();
    if (check.kind === 'signed-out' && shell !== null && this.shell === shell) {
      this.leave('Your session has ended. Sign in again.');
    }
  }

  private showWaiting(detail: string, waitMs: number): void {
    document.title = 'Penstock';
    const seconds = Math.max(1, Math.round(waitMs / 1000));
    replace(
      this.root,
      h(
        'main',
        { class: 'entry' },
        h(
          'div',
          { class: 'entry-card', attrs: { role: 'status' } },
          h('div', { class: 'entry-brand' }, mark(), h('h1', {}, 'Penstock')),
          h('p', {}, detail),
          h('p', { class: 'muted' }, `Trying again in ${seconds} s. If this lasts, check that the gateway is running.`),
        ),
      ),
    );
  }
}

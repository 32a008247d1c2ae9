import { attr, h, replace, show, text } from '../ui/dom';
import { mark, themeIcon } from '../ui/icons';
import { connectionText, worst } from './connection-text';
import { Feeds, type View } from './feeds';
import { announcement } from './announcement';
import { pageFor, PAGES, type Page, type PageDefinition } from './pages';
import { logout, type Session } from './session';
import { chooseTheme, nextTheme, themeChoice } from './theme';

export interface ShellEvents {
  readonly onDrop: (closeCode: number) => void;
  readonly onSignedOut: () => void;
}

/** The frame around every page: header, navigation, state of the connection, and the live region. */
export class Shell {
  readonly element: HTMLElement;
  private readonly main = h('main', { id: 'main', class: 'page', attrs: { tabindex: -1 } });
  private readonly nav = h('nav', { class: 'nav', attrs: { 'aria-label': 'Pages' } });
  private readonly liveRegion = h('div', { class: 'visually-hidden', attrs: { 'aria-live': 'polite' } });
  private readonly connectionLabel = h('span', { class: 'connection-text' });
  private readonly retry = h('button', { class: 'button small', on: { click: () => this.feeds?.retryNow() } }, 'Retry now');
  private readonly connection = h(
    'div',
    { class: 'connection' },
    h('span', { class: 'dot', attrs: { 'aria-hidden': 'true' } }),
    this.connectionLabel,
    this.retry,
  );
  private readonly themeButton = h('button', { class: 'button icon', on: { click: () => this.switchTheme() } });
  private readonly onHash = (): void => this.open(pageFor(location.hash), true);
  private feeds: Feeds | null = null;
  private page: Page | null = null;
  private definition: PageDefinition | null = null;
  private view: View | null = null;

  constructor(
    session: Session,
    private readonly events: ShellEvents,
  ) {
    const who = [session.name, session.team, session.role].filter(Boolean).join(' · ');
    this.element = h(
      'div',
      { class: 'shell' },
      h('a', { class: 'skip', attrs: { href: '#main' }, on: { click: (event) => this.skip(event) } }, 'Skip to content'),
      h(
        'header',
        { class: 'bar' },
        h('a', { class: 'brand', attrs: { href: `#/${PAGES[0].path}` } }, mark(), h('span', {}, 'Penstock')),
        this.nav,
        this.connection,
        h('span', { class: 'who', attrs: { title: who } }, who),
        this.themeButton,
        h('button', { class: 'button', on: { click: () => void this.signOut() } }, 'Sign out'),
      ),
      this.main,
      this.liveRegion,
    );
    this.showTheme();
  }

  start(): void {
    this.feeds = new Feeds((view) => this.update(view), this.events.onDrop);
    window.addEventListener('hashchange', this.onHash);
    this.open(pageFor(location.hash), false);
  }

  stop(): void {
    window.removeEventListener('hashchange', this.onHash);
    this.page?.destroy();
    this.feeds?.stop();
  }

  private open(definition: PageDefinition, moveFocus: boolean): void {
    if (definition === this.definition || this.feeds === null) return;
    this.page?.destroy();
    this.definition = definition;
    this.page = definition.create(this.feeds);
    replace(this.main, this.page.element);
    replace(this.nav, ...PAGES.map((page) => this.link(page)));
    document.title = `${definition.title} · Penstock`;
    if (moveFocus) this.main.focus();
    if (this.view !== null) this.page.update(this.view);
  }

  private link(page: PageDefinition): HTMLElement {
    const current = page === this.definition ? 'page' : null;
    return h('a', { attrs: { href: `#/${page.path}`, 'aria-current': current } }, page.title);
  }

  private update(view: View): void {
    const said = this.view === null ? '' : announcement(this.view, view);
    if (said !== '') text(this.liveRegion, said);
    this.view = view;
    const state = worst(view.monitorConnection, view.alertsConnection);
    attr(this.connection, 'data-kind', state.kind);
    text(this.connectionLabel, connectionText(state));
    show(this.retry, state.kind === 'reconnecting');
    this.page?.update(view);
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.main.focus();
  }

  private switchTheme(): void {
    chooseTheme(nextTheme());
    this.showTheme();
  }

  private showTheme(): void {
    const label = `Theme: ${themeChoice()}. Switch to ${nextTheme()}.`;
    attr(this.themeButton, 'aria-label', label);
    attr(this.themeButton, 'title', label);
    replace(this.themeButton, themeIcon(themeChoice()));
  }

  private async signOut(): Promise<void> {
    if (await logout()) this.events.onSignedOut();
    else text(this.liveRegion, 'Signing out failed: Penstock does not answer.');
  }
}

import { login } from '../app/session';
import { attr, h, show, text } from '../ui/dom';
import { mark } from '../ui/icons';

export interface LoginView {
  readonly element: HTMLElement;
  focus(): void;
}

/** Asks for a key and trades it for a session. `notice` says why one is here, if there is a reason. */
export function loginView(notice: string | null, onSignedIn: () => void): LoginView {
  const error = h('p', { class: 'form-error', id: 'key-error', attrs: { role: 'alert', hidden: true } });
  const input = h('input', {
    id: 'key',
    attrs: {
      type: 'password',
      name: 'key',
      autocomplete: 'current-password',
      autocapitalize: 'none',
      spellcheck: 'false',
      required: true,
      'aria-describedby': 'key-error key-help',
    },
  });
  const reveal = h('button', { class: 'button', attrs: { type: 'button', 'aria-pressed': 'false' } }, 'Show');
  const submit = h('button', { class: 'button primary', attrs: { type: 'submit' } }, 'Sign in');
  const form = h(
    'form',
    { attrs: { novalidate: true } },
    h('label', { attrs: { for: 'key' } }, 'API key'),
    h('div', { class: 'key-row' }, input, reveal),
    error,
    submit,
  );

  const fail = (message: string): void => {
    text(error, message);
    show(error, true);
    attr(input, 'aria-invalid', 'true');
    input.focus();
    input.select();
  };
  const send = async (): Promise<void> => {
    const key = input.value.trim();
    if (key === '') return fail('Enter a key.');
    if (!/^[\x21-\x7e]+$/.test(key)) return fail('A key has no spaces or special letters. Was more than the key copied?');
    submit.disabled = true;
    text(submit, 'Signing in…');
    const result = await login(key);
    submit.disabled = false;
    text(submit, 'Sign in');
    if (result.kind === 'refused') return fail(result.detail);
    input.value = '';
    onSignedIn();
  };
  reveal.addEventListener('click', () => {
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    text(reveal, shown ? 'Show' : 'Hide');
    attr(reveal, 'aria-pressed', String(!shown));
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });

  const element = h(
    'main',
    { class: 'entry' },
    h(
      'div',
      { class: 'entry-card' },
      h('div', { class: 'entry-brand' }, mark(), h('h1', {}, 'Penstock')),
      notice !== null && h('p', { class: 'notice', attrs: { role: 'status' } }, notice),
      form,
      help(),
    ),
  );
  return { element, focus: () => input.focus() };
}

function help(): HTMLElement {
  return h(
    'div',
    { class: 'entry-help', id: 'key-help' },
    h('h2', {}, 'Where is my key?'),
    h(
      'p',
      {},
      'The first admin key is made when Penstock starts for the first time. ',
      h('code', {}, './penstock up'),
      ' prints where it is: the file ',
      h('code', {}, 'admin.key'),
      ' in the data folder, readable by its owner only. If ',
      h('code', {}, 'PENSTOCK_ADMIN_KEY'),
      ' was set, that is the key.',
    ),
    h('p', {}, 'An administrator makes further keys with:'),
    h('pre', {}, h('code', {}, './penstock keys create --name you --role analyst')),
  );
}

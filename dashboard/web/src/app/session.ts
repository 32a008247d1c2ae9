/** Who is signed in. */
export interface Session {
  readonly role: string;
  readonly team: string | null;
  readonly name: string;
}

export type SessionCheck =
  | { readonly kind: 'signed-in'; readonly session: Session }
  | { readonly kind: 'signed-out' }
  /** The server did not say: it is away, busy, or limits us. */
  | { readonly kind: 'unreachable'; readonly detail: string; readonly retryAfterMs: number | null };

export type LoginResult = { readonly kind: 'ok' } | { readonly kind: 'refused'; readonly detail: string };

const PATH = '/api/auth/session';
const TIMEOUT_MS = 10_000;

export async function checkSession(): Promise<SessionCheck> {
  const response = await request('GET', {});
  if (response === null) return { kind: 'unreachable', detail: 'Penstock does not answer.', retryAfterMs: null };
  if (response.status === 401) return { kind: 'signed-out' };
  if (!response.ok) {
    return { kind: 'unreachable', detail: await problem(response), retryAfterMs: retryAfter(response) };
  }
  const body = (await response.json().catch(() => null)) as Record<string, unknown> | null;
  const field = (name: string): string | null => (typeof body?.[name] === 'string' ? (body[name] as string) : null);
  return {
    kind: 'signed-in',
    session: { role: field('role') ?? '', team: field('team'), name: field('name') ?? '' },
  };
}

/** Trades a key for the session cookie. The key is kept nowhere in the page. */
export async function login(key: string): Promise<LoginResult> {
  const response = await request('POST', { Authorization: `Bearer ${key}` });
  if (response === null) return { kind: 'refused', detail: 'Penstock does not answer. Check that it is running, then try again.' };
  if (response.ok) return { kind: 'ok' };
  return { kind: 'refused', detail: await problem(response) };
}

export async function logout(): Promise<boolean> {
  const response = await request('DELETE', {});
  return response !== null && (response.ok || response.status === 401);
}

async function request(method: string, headers: Record<string, string>): Promise<Response | null> {
  try {
    return await fetch(PATH, {
      method,
      headers: { Accept: 'application/json, application/problem+json', ...headers },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    return null;
  }
}

/** The reason in an RFC 9457 body, or a sentence for the status. */
async function problem(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as { detail?: unknown; title?: unknown } | null;
  const wait = retryAfter(response);
  const again = wait === null ? '' : ` Try again in ${Math.ceil(wait / 1000)} s.`;
  if (response.status === 401) return 'This key is not known here, or it was revoked or has expired.';
  if (response.status === 429) return `Too many attempts.${again}`;
  const said = [body?.detail, body?.title].find((text): text is string => typeof text === 'string' && text !== '');
  return (said ?? `Penstock answered with status ${response.status}.`) + again;
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

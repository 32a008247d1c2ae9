/** What one socket is doing. `lastMessageAt` is this machine's clock in milliseconds, null before the first message. */
export interface SocketStatus {
  readonly phase: 'connecting' | 'open' | 'waiting';
  readonly lastMessageAt: number | null;
  /** When the next attempt is due, while waiting. */
  readonly retryAt: number | null;
}

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Connected, but nothing has arrived for longer than it should. */
  | { readonly kind: 'stale'; readonly since: number }
  /** `since` is the time of the newest data on screen, null if there is none. */
  | { readonly kind: 'reconnecting'; readonly since: number | null; readonly retryInSeconds: number | null };

/**
 * What to tell the reader about one stream. The page never calls data live merely because a socket is open: it is live
 * only while messages arrive within `quietMs`.
 */
export function connection(status: SocketStatus, nowMs: number, quietMs: number): Connection {
  const { phase, lastMessageAt, retryAt } = status;
  if (phase === 'open' && lastMessageAt !== null) {
    return nowMs - lastMessageAt > quietMs ? { kind: 'stale', since: lastMessageAt } : { kind: 'live' };
  }
  if (phase !== 'waiting' && lastMessageAt === null) return { kind: 'connecting' };
  const retryInSeconds = retryAt === null ? null : Math.max(0, Math.ceil((retryAt - nowMs) / 1000));
  return { kind: 'reconnecting', since: lastMessageAt, retryInSeconds };
}

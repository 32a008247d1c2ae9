import { describe, expect, it } from 'vitest';
import { connectionText, worst } from '../src/app/connection-text';
import { reconnectDelayMs } from '../src/stream/backoff';
import { connection } from '../src/stream/connection';

describe('reconnectDelayMs', () => {
  it('doubles up to half a minute', () => {
    expect([0, 1, 2, 5, 6, 50].map((attempt) => reconnectDelayMs(attempt, 1))).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000]);
  });

  it('spreads over the upper half', () => {
    expect([reconnectDelayMs(3, 0), reconnectDelayMs(3, 0.5)]).toEqual([2000, 3000]);
  });
});

describe('connection', () => {
  const now = 100_000;

  it('is live only while messages arrive', () => {
    expect(connection({ phase: 'open', lastMessageAt: now - 4_000, retryAt: null }, now, 5_000)).toEqual({ kind: 'live' });
    expect(connection({ phase: 'open', lastMessageAt: now - 6_000, retryAt: null }, now, 5_000)).toEqual({ kind: 'stale', since: now - 6_000 });
    expect(connection({ phase: 'open', lastMessageAt: null, retryAt: null }, now, 5_000)).toEqual({ kind: 'connecting' });
  });

  it('says how long until the next attempt and how old the data are', () => {
    const state = connection({ phase: 'waiting', lastMessageAt: now - 9_000, retryAt: now + 2_300 }, now, 5_000);
    expect(state).toEqual({ kind: 'reconnecting', since: now - 9_000, retryInSeconds: 3 });
    expect(connectionText(state)).toMatch(/^Reconnecting in 3 s · data from \d\d:\d\d:\d\d$/);
  });

  it('stays reconnecting during an attempt', () => {
    expect(connection({ phase: 'connecting', lastMessageAt: now, retryAt: null }, now, 5_000).kind).toBe('reconnecting');
  });

  it('shows the worse of both streams', () => {
    expect(worst({ kind: 'live' }, { kind: 'stale', since: 1 }).kind).toBe('stale');
  });
});

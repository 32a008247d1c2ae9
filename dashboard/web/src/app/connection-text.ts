import type { Connection } from '../stream/connection';
import { clock } from '../ui/format';

const RANK: Record<Connection['kind'], number> = { live: 0, connecting: 1, stale: 2, reconnecting: 3 };

/** The state to show for both streams together: the worse one. */
export function worst(a: Connection, b: Connection): Connection {
  return RANK[b.kind] > RANK[a.kind] ? b : a;
}

export function connectionText(state: Connection): string {
  switch (state.kind) {
    case 'connecting':
      return 'Connecting…';
    case 'live':
      return 'Live';
    case 'stale':
      return `No data since ${clock(state.since)}`;
    case 'reconnecting': {
      const next = state.retryInSeconds === null ? 'Reconnecting…' : `Reconnecting in ${state.retryInSeconds} s`;
      return state.since === null ? next : `${next} · data from ${clock(state.since)}`;
    }
  }
}

import type { Alert, AlertMessage, Severity } from './protocol';

/** Resolved alerts kept for the "recently resolved" list. */
const KEEP_RESOLVED = 20;

/** A bound on open alerts whatever the server sends; the most severe and newest stay. */
const MAX_OPEN = 500;

export interface AlertsState {
  /** False until the first snapshot: "none" must not be shown before it is known. */
  readonly known: boolean;
  readonly open: readonly Alert[];
  readonly resolved: readonly Alert[];
  /** Id of the last message, sent as `since` on reconnecting; null before the first. */
  readonly lastId: string | null;
  /** Id of the last event applied to each listed alert, so that a replayed one cannot turn it back. */
  readonly applied: ReadonlyMap<string, string>;
  /** Alerts whose acknowledgement was sent and is not answered yet. */
  readonly acknowledging: ReadonlySet<string>;
  /** The server no longer had all events since `lastId`. */
  readonly missedEvents: boolean;
  readonly error: string | null;
}

export const EMPTY_ALERTS: AlertsState = {
  known: false,
  open: [],
  resolved: [],
  lastId: null,
  applied: new Map(),
  acknowledging: new Set(),
  missedEvents: false,
  error: null,
};

export type AlertsAction =
  | AlertMessage
  | { readonly type: 'ack-sent'; readonly alert: string }
  | { readonly type: 'ack-failed'; readonly alert: string; readonly message: string }
  | { readonly type: 'disconnected' }
  | { readonly type: 'dismiss' };

export function reduceAlerts(state: AlertsState, action: AlertsAction): AlertsState {
  switch (action.type) {
    case 'snapshot':
      return snapshot(state, action.id, action.alerts);
    case 'alert':
      return event(state, action.id, action.alert);
    case 'gap':
      return { ...state, missedEvents: true };
    case 'heartbeat':
      return state;
    case 'error':
      return { ...state, acknowledging: new Set(), error: action.message || 'The server refused the request.' };
    case 'ack-sent':
      return { ...state, acknowledging: new Set(state.acknowledging).add(action.alert), error: null };
    case 'ack-failed':
      return state.acknowledging.has(action.alert)
        ? { ...state, acknowledging: without(state.acknowledging, action.alert), error: action.message }
        : state;
    case 'disconnected':
      return state.acknowledging.size === 0
        ? state
        : { ...state, acknowledging: new Set(), error: 'The connection was lost before the acknowledgement was confirmed.' };
    case 'dismiss':
      return { ...state, error: null, missedEvents: false };
  }
}

/** Where the alert stream starts: everything after the last message seen, or a fresh snapshot. */
export function alertsUrl(lastId: string | null): string {
  const path = '/api/alerts/stream';
  return lastId === null || lastId === '' ? path : `${path}?since=${encodeURIComponent(lastId)}`;
}

/** The whole truth as of `id`: what it does not name is over, but what was resolved here stays listed. */
function snapshot(state: AlertsState, id: string, alerts: readonly Alert[]): AlertsState {
  const named = new Set(alerts.map((alert) => alert.id));
  const resolved = state.resolved.filter((alert) => !named.has(alert.id));
  return {
    ...state,
    known: true,
    open: ordered(alerts.filter((alert) => alert.state !== 'resolved')),
    resolved: newest([...alerts.filter((alert) => alert.state === 'resolved'), ...resolved]),
    lastId: id === '' ? state.lastId : id,
    applied: new Map(alerts.map((alert) => [alert.id, id])),
    acknowledging: new Set(),
  };
}

function event(state: AlertsState, id: string, alert: Alert): AlertsState {
  const lastId = state.lastId === null || after(id, state.lastId) ? id : state.lastId;
  const seen = state.applied.get(alert.id);
  if (seen !== undefined && !after(id, seen)) return { ...state, lastId };
  const open = state.open.filter((other) => other.id !== alert.id);
  const resolved = state.resolved.filter((other) => other.id !== alert.id);
  const over = alert.state === 'resolved';
  const next = {
    open: over ? open : ordered([...open, alert]),
    resolved: over ? newest([alert, ...resolved]) : resolved,
  };
  const listed = new Set([...next.open, ...next.resolved].map((other) => other.id));
  const applied = new Map([...state.applied].filter(([key]) => listed.has(key)));
  applied.set(alert.id, id);
  const acknowledging = alert.state === 'pending' || alert.state === 'firing' ? state.acknowledging : without(state.acknowledging, alert.id);
  return { ...state, ...next, known: true, lastId, applied, acknowledging };
}

/** Whether event id `a` comes after `b`. Ids are counters in text; unequal ids of another form count as new. */
export function after(a: string, b: string): boolean {
  const counter = /^\d{1,40}$/;
  return counter.test(a) && counter.test(b) ? BigInt(a) > BigInt(b) : a !== b;
}

const RANK: Record<Severity, number> = { critical: 0, error: 1, warning: 2, info: 3 };

/** Unacknowledged before acknowledged, severe before mild, new before old. */
function ordered(alerts: readonly Alert[]): readonly Alert[] {
  const held = (alert: Alert): number => (alert.state === 'acknowledged' ? 1 : 0);
  return [...alerts]
    .sort(
      (a, b) =>
        held(a) - held(b) ||
        RANK[a.severity] - RANK[b.severity] ||
        (b.startsAt ?? 0) - (a.startsAt ?? 0) ||
        a.id.localeCompare(b.id),
    )
    .slice(0, MAX_OPEN);
}

function newest(alerts: readonly Alert[]): readonly Alert[] {
  return [...alerts].sort((a, b) => (b.endsAt ?? 0) - (a.endsAt ?? 0)).slice(0, KEEP_RESOLVED);
}

function without(set: ReadonlySet<string>, item: string): ReadonlySet<string> {
  const copy = new Set(set);
  copy.delete(item);
  return copy;
}

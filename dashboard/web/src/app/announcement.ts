import type { View } from './feeds';
import { worst } from './connection-text';

const LOST = new Set(['stale', 'reconnecting']);

/**
 * What a screen reader should hear between two views, or an empty string. Only turns of events are said, never the
 * figures, which change every second.
 */
export function announcement(before: View, now: View): string {
  return [connectionTurn(before, now), statusTurn(before, now), alertTurn(before, now)].filter(Boolean).join(' ');
}

function connectionTurn(before: View, now: View): string {
  const was = LOST.has(worst(before.monitorConnection, before.alertsConnection).kind);
  const is = LOST.has(worst(now.monitorConnection, now.alertsConnection).kind);
  if (was === is) return '';
  return is ? 'Connection lost; the figures are old.' : 'Connected again.';
}

function statusTurn(before: View, now: View): string {
  const live = now.monitor.live;
  if (live === null || before.monitor.live?.status === live.status) return '';
  return `Status ${live.status}. ${live.reasons.join('. ')}`.trim();
}

function alertTurn(before: View, now: View): string {
  if (!before.alerts.known) return '';
  const known = new Set(before.alerts.open.map((alert) => alert.id));
  const fresh = now.alerts.open.filter((alert) => !known.has(alert.id));
  return fresh.map((alert) => `New ${alert.severity} alert: ${alert.summary || alert.name}.`).join(' ');
}

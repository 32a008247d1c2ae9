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
  if (before.alerts === now.alerts) return '';
  const known = new Set(before.alerts.open.map((alert) => alert.id));
  const open = new Set(now.alerts.open.map((alert) => alert.id));
  const held = (view: View): Set<string> =>
    new Set(view.alerts.open.filter((alert) => alert.state === 'acknowledged').map((alert) => alert.id));
  const heldBefore = held(before);
  const heldNow = held(now);
  return [
    ...now.alerts.open
      .filter((alert) => !known.has(alert.id))
      .map((alert) => `New ${alert.severity} alert: ${alert.summary || alert.name}.`),
    ...now.alerts.open
      .filter((alert) => known.has(alert.id) && heldNow.has(alert.id) && !heldBefore.has(alert.id))
      .map((alert) => `${alert.name} acknowledged.`),
    ...before.alerts.open.filter((alert) => !open.has(alert.id)).map((alert) => `${alert.name} is over.`),
  ].join(' ');
}

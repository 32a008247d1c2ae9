import { describe, expect, it } from 'vitest';
import { announcement } from '../src/app/announcement';
import type { View } from '../src/app/feeds';
import { EMPTY_ALERTS, reduceAlerts, type AlertsState } from '../src/stream/alerts';
import { EMPTY_MONITOR, reduceMonitor } from '../src/stream/monitor';
import { parseAlerts, parseMonitor } from '../src/stream/protocol';

function monitor(status: string, rate: number): View['monitor'] {
  return reduceMonitor(EMPTY_MONITOR, parseMonitor(JSON.stringify({ type: 'live', at: 1, status, rate, reasons: ['Redis is away'] }))!, 1);
}

function alerts(...states: string[]): AlertsState {
  const list = states.map((state, index) => ({ id: String(index), name: `A${index}`, severity: 'error', state, summary: 'Full' }));
  return reduceAlerts(EMPTY_ALERTS, parseAlerts(JSON.stringify({ type: 'snapshot', id: '1', alerts: list }))!);
}

function view(more: Partial<View>): View {
  return {
    monitor: EMPTY_MONITOR,
    alerts: EMPTY_ALERTS,
    monitorConnection: { kind: 'live' },
    alertsConnection: { kind: 'live' },
    nowMs: 0,
    serverNowMs: 0,
    ...more,
  };
}

describe('announcement', () => {
  it('is silent while only figures change', () => {
    expect(announcement(view({ monitor: monitor('degraded', 1) }), view({ monitor: monitor('degraded', 2) }))).toBe('');
  });

  it('tells a change of status with its reasons', () => {
    expect(announcement(view({ monitor: monitor('healthy', 1) }), view({ monitor: monitor('degraded', 1) }))).toBe('Status degraded. Redis is away');
  });

  it('tells alerts that came, were acknowledged, or are over, but not the first list', () => {
    expect(announcement(view({}), view({ alerts: alerts('firing') }))).toBe('');
    expect(announcement(view({ alerts: alerts('firing') }), view({ alerts: alerts('firing', 'firing') }))).toBe('New error alert: Full.');
    expect(announcement(view({ alerts: alerts('firing') }), view({ alerts: alerts('acknowledged') }))).toBe('A0 acknowledged.');
    expect(announcement(view({ alerts: alerts('firing') }), view({ alerts: alerts() }))).toBe('A0 is over.');
  });

  it('tells when the connection is lost and when it is back', () => {
    const lost = view({ alertsConnection: { kind: 'stale', since: 1 } });
    expect([announcement(view({}), lost), announcement(lost, view({}))]).toEqual(['Connection lost; the figures are old.', 'Connected again.']);
  });
});

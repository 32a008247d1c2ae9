import { describe, expect, it } from 'vitest';
import { after, alertsUrl, EMPTY_ALERTS, reduceAlerts, type AlertsAction, type AlertsState } from '../src/stream/alerts';
import { parseAlerts, type Alert } from '../src/stream/protocol';

function alert(id: string, more: Partial<Alert> = {}): Alert {
  const message = parseAlerts(JSON.stringify({ type: 'alert', id: '1', alert: { id, name: id, severity: 'warning', state: 'firing' } }));
  if (message?.type !== 'alert') throw new Error('not an alert');
  return { ...message.alert, ...more };
}

const play = (...actions: AlertsAction[]): AlertsState => actions.reduce(reduceAlerts, EMPTY_ALERTS);
const snapshot = (id: string, ...alerts: Alert[]): AlertsAction => ({ type: 'snapshot', id, alerts });
const event = (id: string, changed: Alert): AlertsAction => ({ type: 'alert', id, event: changed.state, alert: changed });

describe('resuming', () => {
  it('starts without since and goes on after the last message', () => {
    expect(alertsUrl(EMPTY_ALERTS.lastId)).toBe('/api/alerts/stream');
    expect(alertsUrl(play(snapshot('41', alert('a')), event('42', alert('b'))).lastId)).toBe('/api/alerts/stream?since=42');
  });

  it('does not let a replayed event turn an alert back', () => {
    const state = play(snapshot('5'), event('6', alert('a')), event('7', alert('a', { state: 'acknowledged' })), event('6', alert('a')));
    expect(state.open.map((a) => a.state)).toEqual(['acknowledged']);
    expect(state.lastId).toBe('7');
  });

  it('takes a snapshot as the whole truth, also one with a lower id from a new server', () => {
    const state = play(snapshot('900', alert('gone')), snapshot('3', alert('here')), event('4', alert('next')));
    expect(state.open.map((a) => a.id).sort()).toEqual(['here', 'next']);
    expect(state.lastId).toBe('4');
  });

  it('says so when events were missed, until dismissed', () => {
    expect(play({ type: 'gap' }).missedEvents).toBe(true);
    expect(play({ type: 'gap' }, { type: 'dismiss' }).missedEvents).toBe(false);
  });

  it('orders ids as numbers of any length', () => {
    expect([after('10', '9'), after('9', '10'), after('18446744073709551616', '18446744073709551615'), after('a', 'a')]).toEqual([true, false, true, false]);
  });
});

describe('the list', () => {
  it('puts unacknowledged and severe alerts first', () => {
    const state = play(
      snapshot('1', alert('held', { severity: 'critical', state: 'acknowledged' }), alert('warn'), alert('bad', { severity: 'critical' })),
    );
    expect(state.open.map((a) => a.id)).toEqual(['bad', 'warn', 'held']);
  });

  it('moves a resolved alert to the resolved ones', () => {
    const state = play(snapshot('1', alert('a')), event('2', alert('a', { state: 'resolved', endsAt: 5 })));
    expect([state.open.length, state.resolved.map((a) => a.id)]).toEqual([0, ['a']]);
  });

  it('is not known to be empty before the first snapshot', () => {
    expect([EMPTY_ALERTS.known, play(snapshot('1')).known]).toEqual([false, true]);
  });
});

describe('acknowledging', () => {
  const sent: AlertsAction[] = [snapshot('1', alert('a')), { type: 'ack-sent', alert: 'a' }];

  it('waits for the event', () => {
    expect(play(...sent).acknowledging.has('a')).toBe(true);
    expect(play(...sent, event('2', alert('a', { state: 'acknowledged' }))).acknowledging.size).toBe(0);
  });

  it('ends with a refusal, a lost connection or a timeout, each of which is shown', () => {
    const ends: AlertsAction[] = [
      { type: 'error', message: 'no' },
      { type: 'disconnected' },
      { type: 'ack-failed', alert: 'a', message: 'late' },
    ];
    for (const end of ends) {
      const state = play(...sent, end);
      expect([state.acknowledging.size, state.error === null]).toEqual([0, false]);
    }
  });

  it('does not complain about a timeout after the answer', () => {
    const state = play(...sent, event('2', alert('a', { state: 'acknowledged' })), { type: 'ack-failed', alert: 'a', message: 'late' });
    expect(state.error).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { columns, EMPTY_MONITOR, KEEP_MS, mergePoints, reduceMonitor } from '../src/stream/monitor';
import { parseMonitor, type Point } from '../src/stream/protocol';

const T0 = 1_700_000_000_000;

function point(at: number, rate = 1): Point {
  return { at, rate, errorRate: 0, p50Ms: null, p95Ms: null, p99Ms: null, hitRatio: null, meanBatch: null };
}

function live(at: number, rate: number): ReturnType<typeof parseMonitor> {
  return parseMonitor(JSON.stringify({ type: 'live', at, rate, status: 'healthy' }));
}

describe('parseMonitor', () => {
  it('ignores what it does not know or cannot read', () => {
    const texts = ['{"type":"future"}', 'no json', '[]', 'null', '{"type":"live"}'];
    expect(texts.map(parseMonitor)).toEqual([null, null, null, null, null]);
  });

  it('fills what is missing and refuses wrong types', () => {
    const message = parseMonitor('{"type":"live","at":5,"rate":"many","p50Ms":"1","status":"purple","reasons":[3,"x",null],"batching":{"sizes":[[4,1],["a",2],[2,9],7]}}');
    expect(message).toMatchObject({
      live: { rate: 0, p50Ms: null, status: 'unknown', reasons: ['3', 'x'], slo: null, services: [], batching: { sizes: [[2, 9], [4, 1]] } },
    });
  });
});

describe('reduceMonitor', () => {
  it('appends live figures to the history and remembers the clock difference', () => {
    const first = reduceMonitor(EMPTY_MONITOR, { type: 'history', points: [point(T0)] }, T0);
    const second = reduceMonitor(first, live(T0 + 1000, 7)!, T0 + 400);
    expect(second.points.map((p) => p.rate)).toEqual([1, 7]);
    expect(second.clockSkewMs).toBe(600);
  });

  it('fills the hole that a lost connection left when the history comes again', () => {
    const before = reduceMonitor(EMPTY_MONITOR, { type: 'history', points: [point(T0), point(T0 + 1000, 2)] }, T0);
    const after = reduceMonitor(before, { type: 'history', points: [point(T0 + 1000, 3), point(T0 + 9000)] }, T0);
    expect(after.points.map((p) => [p.at - T0, p.rate])).toEqual([[0, 1], [1000, 3], [9000, 1]]);
  });

  it('forgets what is older than the longest span', () => {
    const kept = mergePoints([point(T0)], [point(T0 + KEEP_MS), point(T0 + KEEP_MS + 1)]);
    expect(kept.map((p) => p.at - T0)).toEqual([KEEP_MS, KEEP_MS + 1]);
  });

  it('knows whether there was any traffic', () => {
    const quiet = reduceMonitor(EMPTY_MONITOR, { type: 'history', points: [point(T0, 0)] }, T0);
    expect([quiet.sawTraffic, reduceMonitor(quiet, live(T0 + 1, 3)!, T0).sawTraffic]).toEqual([false, true]);
  });
});

describe('columns', () => {
  it('breaks the line where time is missing', () => {
    const points = [0, 5, 10, 15, 60, 65].map((second) => point(T0 + second * 1000, second));
    const { times, values } = columns(points, T0, [(p) => p.rate]);
    expect(times.map((time) => time - T0 / 1000)).toEqual([0, 5, 10, 15, 37.5, 60, 65]);
    expect(values[0]).toEqual([0, 5, 10, 15, null, 60, 65]);
  });
});

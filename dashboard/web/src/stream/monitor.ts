import type { Live, MonitorMessage, Point } from './protocol';

/** Longest span that the charts can show, in milliseconds; older points are dropped. */
export const KEEP_MS = 15 * 60_000;

/** A bound on the points whatever the server sends. */
const MAX_POINTS = 2_000;

export interface MonitorState {
  /** Ordered by time, one per instant, none older than KEEP_MS before the newest. */
  readonly points: readonly Point[];
  readonly live: Live | null;
  /** Whether any request was seen in the kept span; decides between charts and the "send a request" hint. */
  readonly sawTraffic: boolean;
  /** Server clock minus this machine's, in milliseconds, so that ages are right with a wrong clock here. */
  readonly clockSkewMs: number;
}

export const EMPTY_MONITOR: MonitorState = { points: [], live: null, sawTraffic: false, clockSkewMs: 0 };

/** The next state. `nowMs` is this machine's clock. */
export function reduceMonitor(state: MonitorState, message: MonitorMessage, nowMs: number): MonitorState {
  if (message.type === 'history') {
    return withPoints(state, mergePoints(state.points, message.points));
  }
  const { live } = message;
  const newest = state.points.at(-1);
  const points =
    newest === undefined || live.at > newest.at
      ? trim([...state.points, toPoint(live)])
      : mergePoints(state.points, [toPoint(live)]);
  return { ...withPoints(state, points), live, clockSkewMs: live.at - nowMs };
}

function withPoints(state: MonitorState, points: readonly Point[]): MonitorState {
  return { ...state, points, sawTraffic: points.some((point) => point.rate > 0) };
}

/** Union by time; where both have an instant the newer message wins. A history after a reconnect fills the hole. */
export function mergePoints(known: readonly Point[], added: readonly Point[]): readonly Point[] {
  const byTime = new Map<number, Point>();
  for (const point of known) byTime.set(point.at, point);
  for (const point of added) byTime.set(point.at, point);
  return trim([...byTime.values()].sort((a, b) => a.at - b.at));
}

function trim(points: readonly Point[]): readonly Point[] {
  const newest = points.at(-1);
  if (newest === undefined) return points;
  const oldest = newest.at - KEEP_MS;
  const first = points.findIndex((point) => point.at >= oldest);
  return points.slice(Math.max(first, points.length - MAX_POINTS, 0));
}

function toPoint(live: Live): Point {
  return {
    at: live.at,
    rate: live.rate,
    errorRate: live.errorRate,
    p50Ms: live.p50Ms,
    p95Ms: live.p95Ms,
    p99Ms: live.p99Ms,
    hitRatio: live.cache.hitRatio,
    meanBatch: live.batching.meanSize,
  };
}

/** A hole longer than this between two points is drawn as a hole, not bridged by a line. */
const GAP_FACTOR = 4;
const GAP_FLOOR_MS = 15_000;

export type Series = Array<number | null>;

/**
 * Columns for a chart: times in seconds, then one column per reader, with an empty row inside each hole so that lost
 * time looks lost.
 */
export function columns(
  points: readonly Point[],
  fromMs: number,
  readers: ReadonlyArray<(point: Point) => number | null>,
): { readonly times: number[]; readonly values: Series[] } {
  const times: number[] = [];
  const values: Series[] = readers.map(() => []);
  const shown = points.filter((point) => point.at >= fromMs);
  const gap = gapThreshold(shown);
  shown.forEach((point, index) => {
    const before = shown[index - 1];
    if (before !== undefined && point.at - before.at > gap) {
      times.push((before.at + point.at) / 2000);
      values.forEach((column) => column.push(null));
    }
    times.push(point.at / 1000);
    readers.forEach((read, column) => values[column]?.push(read(point)));
  });
  return { times, values };
}

function gapThreshold(points: readonly Point[]): number {
  const steps = points.slice(1).map((point, index) => point.at - (points[index]?.at ?? point.at));
  const median = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  return Math.max(GAP_FLOOR_MS, median * GAP_FACTOR);
}

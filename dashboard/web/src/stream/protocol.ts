/**
 * The messages of the two streams, and the only place where their JSON is trusted: whatever is missing or of the wrong
 * type becomes null, zero or an empty list here, so that nothing downstream has to check again. Messages of an unknown
 * type parse to null and are ignored, so that a newer server does not break an older page.
 */

export type Health = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
export type Severity = 'info' | 'warning' | 'error' | 'critical';
export type AlertState = 'pending' | 'firing' | 'acknowledged' | 'resolved';

/** One point of the charts. Times are Unix milliseconds, latencies milliseconds, ratios 0..1; null is "not measured". */
export interface Point {
  readonly at: number;
  readonly rate: number;
  readonly errorRate: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly hitRatio: number | null;
  readonly meanBatch: number | null;
}

export interface CacheFigures {
  readonly l1: number;
  readonly l2: number;
  readonly l3: number;
  readonly item: number;
  readonly misses: number;
  readonly hitRatio: number | null;
}

export interface BatchFigures {
  readonly calls: number;
  readonly items: number;
  readonly meanSize: number | null;
  readonly maxSize: number;
  readonly waitP95Ms: number | null;
  readonly queued: number;
  readonly sizes: ReadonlyArray<readonly [size: number, count: number]>;
}

export interface ServiceRow {
  readonly service: string;
  readonly member: string;
  readonly status: Health;
  readonly lastSeenSeconds: number | null;
}

export interface SloFigures {
  readonly name: string;
  readonly objective: number | null;
  readonly burn: number | null;
  readonly budgetRemaining: number | null;
}

export interface Live {
  readonly at: number;
  readonly windowSeconds: number;
  readonly status: Health;
  readonly reasons: readonly string[];
  readonly rate: number;
  readonly errorRate: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly inFlight: number;
  readonly cache: CacheFigures;
  readonly batching: BatchFigures;
  readonly services: readonly ServiceRow[];
  readonly slo: SloFigures | null;
}

export type MonitorMessage =
  | { readonly type: 'history'; readonly points: readonly Point[] }
  | { readonly type: 'live'; readonly live: Live };

export interface Alert {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly service: string;
  readonly team: string | null;
  readonly summary: string;
  readonly description: string;
  readonly remediation: string;
  readonly startsAt: number | null;
  readonly firedAt: number | null;
  readonly endsAt: number | null;
  readonly labels: ReadonlyArray<readonly [name: string, value: string]>;
  readonly value: number | null;
  readonly threshold: number | null;
}

export type AlertMessage =
  | { readonly type: 'snapshot'; readonly id: string; readonly alerts: readonly Alert[] }
  | { readonly type: 'alert'; readonly id: string; readonly event: string; readonly alert: Alert }
  | { readonly type: 'gap' }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'error'; readonly message: string };

type Json = Record<string, unknown>;

const HEALTH: readonly Health[] = ['healthy', 'degraded', 'unhealthy', 'unknown'];
const SEVERITY: readonly Severity[] = ['info', 'warning', 'error', 'critical'];
const STATE: readonly AlertState[] = ['pending', 'firing', 'acknowledged', 'resolved'];

export function parseMonitor(text: string): MonitorMessage | null {
  const json = object(text);
  if (json === null) return null;
  if (json['type'] === 'history') {
    return { type: 'history', points: list(json['points']).map(point).filter((p) => p !== null) };
  }
  if (json['type'] === 'live') {
    const parsed = live(json);
    return parsed === null ? null : { type: 'live', live: parsed };
  }
  return null;
}

export function parseAlerts(text: string): AlertMessage | null {
  const json = object(text);
  if (json === null) return null;
  switch (json['type']) {
    case 'snapshot':
      return { type: 'snapshot', id: str(json['id']), alerts: list(json['alerts']).map(alert).filter((a) => a !== null) };
    case 'alert': {
      const parsed = alert(json['alert']);
      return parsed && { type: 'alert', id: str(json['id']), event: str(json['event']), alert: parsed };
    }
    case 'gap':
      return { type: 'gap' };
    case 'heartbeat':
      return { type: 'heartbeat' };
    case 'error':
      return { type: 'error', message: str(json['message']) };
    default:
      return null;
  }
}

function object(text: string): Json | null {
  try {
    return record(JSON.parse(text));
  } catch {
    return null;
  }
}

function record(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function num(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function str(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((candidate) => candidate === value) ?? otherwise;
}

function time(value: unknown): number | null {
  if (typeof value !== 'string') return num(value);
  return num(Date.parse(value));
}

function point(value: unknown): Point | null {
  const json = record(value);
  const at = json && num(json['at']);
  if (json === null || at === null) return null;
  return {
    at,
    rate: num(json['rate']) ?? 0,
    errorRate: num(json['errorRate']) ?? 0,
    p50Ms: num(json['p50Ms']),
    p95Ms: num(json['p95Ms']),
    p99Ms: num(json['p99Ms']),
    hitRatio: num(json['hitRatio']),
    meanBatch: num(json['meanBatch']),
  };
}

function live(json: Json): Live | null {
  const at = num(json['at']);
  if (at === null) return null;
  return {
    at,
    windowSeconds: num(json['windowSeconds']) ?? 0,
    status: oneOf(json['status'], HEALTH, 'unknown'),
    reasons: list(json['reasons']).map(str).filter((reason) => reason !== ''),
    rate: num(json['rate']) ?? 0,
    errorRate: num(json['errorRate']) ?? 0,
    p50Ms: num(json['p50Ms']),
    p95Ms: num(json['p95Ms']),
    p99Ms: num(json['p99Ms']),
    inFlight: num(json['inFlight']) ?? 0,
    cache: cache(record(json['cache']) ?? {}),
    batching: batching(record(json['batching']) ?? {}),
    services: list(json['services']).map(service).filter((row) => row !== null),
    slo: slo(record(json['slo'])),
  };
}

function cache(json: Json): CacheFigures {
  return {
    l1: num(json['l1']) ?? 0,
    l2: num(json['l2']) ?? 0,
    l3: num(json['l3']) ?? 0,
    item: num(json['item']) ?? 0,
    misses: num(json['misses']) ?? 0,
    hitRatio: num(json['hitRatio']),
  };
}

function batching(json: Json): BatchFigures {
  const sizes = list(json['sizes']).flatMap((pair): Array<readonly [number, number]> => {
    const [size, count] = list(pair).map(num);
    return size == null || count == null ? [] : [[size, count]];
  });
  return {
    calls: num(json['calls']) ?? 0,
    items: num(json['items']) ?? 0,
    meanSize: num(json['meanSize']),
    maxSize: num(json['maxSize']) ?? 0,
    waitP95Ms: num(json['waitP95Ms']),
    queued: num(json['queued']) ?? 0,
    sizes: sizes.sort((a, b) => a[0] - b[0]),
  };
}

function service(value: unknown): ServiceRow | null {
  const json = record(value);
  if (json === null) return null;
  return {
    service: str(json['service']),
    member: str(json['member']),
    status: oneOf(json['status'], HEALTH, 'unknown'),
    lastSeenSeconds: num(json['lastSeenSeconds']),
  };
}

function slo(json: Json | null): SloFigures | null {
  if (json === null) return null;
  return {
    name: str(json['name']),
    objective: num(json['objective']),
    burn: num(json['burn']),
    budgetRemaining: num(json['budgetRemaining']),
  };
}

function alert(value: unknown): Alert | null {
  const json = record(value);
  if (json === null || str(json['id']) === '') return null;
  return {
    id: str(json['id']),
    name: str(json['name']),
    severity: oneOf(json['severity'], SEVERITY, 'warning'),
    state: oneOf(json['state'], STATE, 'firing'),
    service: str(json['service']),
    team: str(json['team']) || null,
    summary: str(json['summary']),
    description: str(json['description']),
    remediation: str(json['remediation']),
    startsAt: time(json['startsAt']),
    firedAt: time(json['firedAt']),
    endsAt: time(json['endsAt']),
    labels: Object.entries(record(json['labels']) ?? {}).map(([name, text]) => [name, str(text)] as const),
    value: num(json['value']),
    threshold: num(json['threshold']),
  };
}

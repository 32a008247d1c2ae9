// What the mock plays. Every figure is a smooth function of time, so that history and live messages join up.

const wave = (ms, period, phase = 0) => Math.sin(((ms / 1000 + phase) / period) * 2 * Math.PI);
const noise = (ms, seed) => {
  const x = Math.sin(Math.floor(ms / 1000) * 12.9898 + seed * 78.233) * 43758.5453;
  return x - Math.floor(x) - 0.5;
};

function figures(ms) {
  const rate = 410 + 90 * wave(ms, 240) + 40 * wave(ms, 37) + 30 * noise(ms, 1);
  const slow = Math.max(0, wave(ms, 300, 40)) ** 6;
  return {
    rate: Math.round(rate * 10) / 10,
    errorRate: 0.0012 + 0.02 * slow + 0.0005 * Math.abs(noise(ms, 2)),
    p50Ms: 3.1 + 1.2 * wave(ms, 120) + noise(ms, 3) * 0.6,
    p95Ms: 42 + 12 * wave(ms, 90) + 90 * slow + noise(ms, 4) * 8,
    p99Ms: 118 + 30 * wave(ms, 75) + 260 * slow + noise(ms, 5) * 30,
    hitRatio: 0.83 + 0.06 * wave(ms, 200) + 0.02 * noise(ms, 6),
    meanBatch: 9.4 + 3 * wave(ms, 160) + noise(ms, 7),
  };
}

const SILENT = { rate: 0, errorRate: 0, p50Ms: null, p95Ms: null, p99Ms: null, hitRatio: null, meanBatch: null };

export function historyOf(scenario, now) {
  const points = [];
  for (let at = now - 15 * 60_000; at < now; at += 5_000) {
    points.push({ at, ...(scenario === 'empty' ? SILENT : figures(at)) });
  }
  return points;
}

const service = (name, member, status = 'healthy', lastSeenSeconds = 2) => ({ service: name, member, status, lastSeenSeconds });

export function liveOf(scenario, now) {
  if (scenario === 'empty') return emptyLive(now);
  const now_ = figures(now);
  const lookups = Math.round(now_.rate * 60);
  const part = (share) => Math.round(lookups * share);
  return {
    type: 'live',
    at: now,
    windowSeconds: 60,
    status: scenario === 'calm' ? 'healthy' : 'degraded',
    reasons: scenario === 'calm' ? [] : ['Redis does not answer: the cache runs on memory only', 'p99 latency is above 250 ms on 1 of 4 models'],
    ...now_,
    inFlight: 34 + Math.round(10 * wave(now, 20)),
    cache: { l1: part(0.52), l2: part(0.21), l3: part(0.03), item: part(0.08), misses: part(0.16), hitRatio: now_.hitRatio },
    batching: {
      calls: 412,
      items: 3872,
      meanSize: now_.meanBatch,
      maxSize: 32,
      waitP95Ms: 8.4,
      queued: 17,
      sizes: [[1, 38], [2, 21], [3, 17], [4, 40], [6, 30], [8, 88], [12, 52], [16, 96], [24, 18], [32, 12]],
    },
    services: [
      service('gateway', 'gw-7f9c4d-x2lqp'),
      service('gateway', 'gw-7f9c4d-m8rtz', 'healthy', 4),
      service('cache', 'cache-0', scenario === 'calm' ? 'healthy' : 'degraded', 1),
      service('batching', '5e1f0a52-9a3b-4c57-8d3e-0f4c1f6a7b21'),
      service('monitor', 'monitor-0', 'healthy', 0),
      service('alert', 'alert-0', scenario === 'calm' ? 'healthy' : 'unhealthy', 14),
    ],
    slo: { name: 'availability', objective: 0.999, burn: scenario === 'calm' ? 0.42 : 3.6, budgetRemaining: scenario === 'calm' ? 0.914 : 0.183 },
  };
}

function emptyLive(now) {
  return {
    type: 'live',
    at: now,
    windowSeconds: 60,
    status: 'healthy',
    reasons: [],
    ...SILENT,
    inFlight: 0,
    cache: { l1: 0, l2: 0, l3: 0, item: 0, misses: 0, hitRatio: null },
    batching: { calls: 0, items: 0, meanSize: null, maxSize: 0, waitP95Ms: null, queued: 0, sizes: [] },
    services: ['gateway', 'cache', 'batching', 'monitor', 'alert'].map((name) => service(name, 'local', 'healthy', 3)),
    slo: { name: 'availability', objective: 0.999, burn: null, budgetRemaining: null },
  };
}

function alert(id, name, severity, minutesAgo, now, more) {
  const startsAt = new Date(now - minutesAgo * 60_000).toISOString();
  return {
    id,
    fingerprint: `f${id}`,
    name,
    severity,
    state: 'firing',
    service: 'gateway',
    team: null,
    description: '',
    remediation: '',
    startsAt,
    firedAt: startsAt,
    endsAt: null,
    labels: {},
    value: null,
    threshold: null,
    ...more,
  };
}

export function alertsOf(scenario, now) {
  if (scenario !== 'full') return [];
  return [
    alert('a1', 'Redis unreachable', 'critical', 4, now, {
      service: 'cache',
      team: 'platform',
      summary: 'cache-0 has had no answer from Redis for 4 minutes.',
      description: 'Tier L2 is off. Answers come from gateway memory and Postgres; limits run on local leases.',
      remediation: 'Check that Redis runs and that redis.url is right. Nothing is lost: the tier comes back by itself.',
      labels: { instance: 'cache-0', url: 'redis://redis:6379', '<b>markup</b>': '<img src=x onerror=alert(1)>' },
    }),
    alert('a2', 'Availability budget burns fast', 'error', 11, now, {
      summary: '0.36% of requests failed over the last hour, 3.6 times what the objective allows.',
      remediation: 'See which model fails under Batches, then take it out of its pool or raise its fallback.',
      labels: { slo: 'availability', window: '1h' },
      value: 3.6,
      threshold: 2,
    }),
    alert('a3', 'Queue wait high', 'warning', 27, now, {
      service: 'batching',
      state: 'acknowledged',
      summary: 'Items of sandbox-embed wait 84 ms at p95.',
      remediation: 'Add an instance to the pool or raise its concurrency cap.',
      value: 84,
      threshold: 50,
    }),
    alert('a4', 'Certificate renewed', 'info', 190, now, {
      state: 'resolved',
      endsAt: new Date(now - 150 * 60_000).toISOString(),
      summary: 'Done.',
    }),
  ];
}

// Serves the committed bundle and plays both streams, so that the dashboard can be looked at without Penstock:
//   npm run mock -- [--port 4173] [--scenario full|empty|calm]
// Any key signs in, except one that contains "wrong". Controls, for scripts:
//   POST /mock/scenario?name=…   POST /mock/away?seconds=… (drops sockets, refuses everything)   POST /mock/stall?seconds=…
import { createServer } from 'node:http';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { alertsOf, historyOf, liveOf } from './scenarios.mjs';

const BUNDLE = fileURLToPath(new URL('../../src/main/resources/dashboard/', import.meta.url));
const CSP = "default-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.txt': 'text/plain' };

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const state = { scenario: option('scenario', 'full'), awayUntil: 0, stallUntil: 0, sequence: 100, alerts: [] };
state.alerts = alertsOf(state.scenario, Date.now());

const away = () => Date.now() < state.awayUntil;
const signedIn = (request) => /\bpenstock_session=/.test(request.headers.cookie ?? '');

function problem(response, status, detail) {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: 'Refused', status, detail }));
}

function session(request, response) {
  if (request.method === 'POST') {
    const key = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    if (key === '' || key.includes('wrong')) return problem(response, 401, 'The key is not known.');
    response.writeHead(204, { 'set-cookie': 'penstock_session=mock; HttpOnly; SameSite=Strict; Path=/' });
    return response.end();
  }
  if (request.method === 'DELETE') {
    response.writeHead(204, { 'set-cookie': 'penstock_session=; Max-Age=0; Path=/' });
    return response.end();
  }
  if (!signedIn(request)) return problem(response, 401, 'No session.');
  response.writeHead(200, { 'content-type': 'application/json' });
  return response.end(JSON.stringify({ role: 'admin', team: 'platform', name: 'first-admin' }));
}

function control(url, response) {
  const seconds = Number(url.searchParams.get('seconds') ?? 5);
  if (url.pathname === '/mock/scenario') {
    state.scenario = url.searchParams.get('name') ?? 'full';
    state.alerts = alertsOf(state.scenario, Date.now());
  }
  if (url.pathname === '/mock/away') state.awayUntil = Date.now() + seconds * 1000;
  if (url.pathname === '/mock/stall') state.stallUntil = Date.now() + seconds * 1000;
  if (url.pathname !== '/mock/stall') for (const client of sockets.clients) client.terminate();
  response.writeHead(204);
  response.end();
}

function file(url, request, response) {
  const name = normalize(url.pathname.replace(/^\/dashboard\/?/, '')) || '.';
  let path = join(BUNDLE, name);
  if (!path.startsWith(BUNDLE) && path + '/' !== BUNDLE) return problem(response, 404, 'No such file.');
  if (existsSync(path) && statSync(path).isDirectory()) path = join(path, 'index.html');
  if (!existsSync(path)) return problem(response, 404, 'No such file.');
  const brotli = (request.headers['accept-encoding'] ?? '').includes('br') && existsSync(`${path}.br`);
  response.writeHead(200, {
    'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
    'content-security-policy': CSP,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...(brotli ? { 'content-encoding': 'br' } : {}),
  });
  return response.end(readFileSync(brotli ? `${path}.br` : path));
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://mock');
  if (url.pathname.startsWith('/mock/')) return control(url, response);
  if (url.pathname.startsWith('/dashboard')) return file(url, request, response);
  if (away()) return request.socket.destroy();
  if (url.pathname === '/api/auth/session') return session(request, response);
  return problem(response, 404, 'Not in the mock.');
});

const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  const url = new URL(request.url, 'http://mock');
  const play = { '/api/monitor/stream': playMonitor, '/api/alerts/stream': playAlerts }[url.pathname];
  if (away() || !signedIn(request) || play === undefined) return socket.destroy();
  return sockets.handleUpgrade(request, socket, head, (client) => play(client, url));
});

const send = (client, message) => client.readyState === client.OPEN && client.send(JSON.stringify(message));

function playMonitor(client) {
  send(client, { type: 'history', points: historyOf(state.scenario, Date.now()) });
  send(client, { type: 'a-type-of-the-future' });
  const tell = () => Date.now() >= state.stallUntil && send(client, liveOf(state.scenario, Date.now()));
  tell();
  const timer = setInterval(tell, 1000);
  client.on('close', () => clearInterval(timer));
}

function playAlerts(client, url) {
  const since = Number(url.searchParams.get('since') ?? state.sequence);
  if (since < state.sequence - 50) send(client, { type: 'gap', from: String(since), to: String(state.sequence) });
  send(client, { type: 'snapshot', id: String(state.sequence), alerts: state.alerts });
  const timer = setInterval(() => send(client, { type: 'heartbeat' }), 15_000);
  client.on('close', () => clearInterval(timer));
  client.on('message', (data) => acknowledge(client, JSON.parse(String(data))));
}

function acknowledge(client, message) {
  const alert = state.alerts.find((candidate) => candidate.id === message.alert);
  if (message.type !== 'ack' || alert === undefined) return send(client, { type: 'error', message: 'No such alert.' });
  alert.state = 'acknowledged';
  state.sequence += 1;
  const event = { type: 'alert', id: String(state.sequence), event: 'acknowledged', alert };
  return setTimeout(() => sockets.clients.forEach((other) => send(other, event)), 400);
}

server.listen(Number(option('port', '4173')), '127.0.0.1', () => {
  process.stdout.write(`dashboard on http://127.0.0.1:${server.address().port}/dashboard/ (scenario ${state.scenario})\n`);
});

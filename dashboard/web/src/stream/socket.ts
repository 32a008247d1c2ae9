import { reconnectDelayMs } from './backoff';
import type { SocketStatus } from './connection';

export interface SocketOptions {
  /** Asked before each attempt, so that a stream can resume where it stopped. */
  readonly url: () => string;
  readonly onMessage: (text: string) => void;
  readonly onStatus: (status: SocketStatus) => void;
  /** Called when a connection ended or could not be made; the place to find out whether the session is over. */
  readonly onDrop: (closeCode: number) => void;
  /** A connection silent for this long is given up: a half-open one never reports its end. */
  readonly silenceMs: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** A connection that lasted this long counts as good: the next reconnect starts with a short wait again. */
const SETTLED_MS = 5_000;

/** A WebSocket that comes back by itself. Close it with `stop()`. */
export class ReconnectingSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private openedAt = 0;
  private startedAt = 0;
  private retryTimer = 0;
  private readonly watchTimer: number;
  private status: SocketStatus = { phase: 'connecting', lastMessageAt: null, retryAt: null };
  private readonly onOnline = (): void => this.retryNow();

  constructor(private readonly options: SocketOptions) {
    window.addEventListener('online', this.onOnline);
    this.watchTimer = window.setInterval(() => this.watch(), 1_000);
    this.connect();
  }

  stop(): void {
    window.removeEventListener('online', this.onOnline);
    window.clearInterval(this.watchTimer);
    window.clearTimeout(this.retryTimer);
    this.detach();
  }

  /** False when not connected: the message was not sent and will not be. */
  send(message: unknown): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  retryNow(): void {
    if (this.status.phase !== 'waiting') return;
    window.clearTimeout(this.retryTimer);
    this.connect();
  }

  private connect(): void {
    const url = new URL(this.options.url(), location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.startedAt = Date.now();
    this.openedAt = 0;
    this.set({ ...this.status, phase: 'connecting', retryAt: null });
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      this.openedAt = Date.now();
      this.set({ ...this.status, phase: 'open' });
    };
    socket.onmessage = (event: MessageEvent) => {
      this.set({ ...this.status, lastMessageAt: Date.now() });
      if (typeof event.data === 'string') this.options.onMessage(event.data);
    };
    socket.onclose = (event) => this.drop(event.code);
  }

  private watch(): void {
    const now = Date.now();
    if (this.status.phase === 'connecting' && now - this.startedAt > CONNECT_TIMEOUT_MS) this.drop(1006);
    if (this.status.phase !== 'open') return;
    const heardAt = Math.max(this.status.lastMessageAt ?? 0, this.openedAt);
    if (now - heardAt > this.options.silenceMs) this.drop(1006);
  }

  private drop(code: number): void {
    this.detach();
    if (this.openedAt > 0 && Date.now() - this.openedAt > SETTLED_MS) this.attempt = 0;
    const delay = reconnectDelayMs(this.attempt, Math.random());
    this.attempt += 1;
    this.set({ ...this.status, phase: 'waiting', retryAt: Date.now() + delay });
    this.retryTimer = window.setTimeout(() => this.connect(), delay);
    this.options.onDrop(code);
  }

  private detach(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private set(status: SocketStatus): void {
    this.status = status;
    this.options.onStatus(status);
  }
}

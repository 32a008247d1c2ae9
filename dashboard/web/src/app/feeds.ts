import { alertsUrl, EMPTY_ALERTS, reduceAlerts, type AlertsAction, type AlertsState } from '../stream/alerts';
import { connection, type Connection, type SocketStatus } from '../stream/connection';
import { EMPTY_MONITOR, reduceMonitor, type MonitorState } from '../stream/monitor';
import { parseAlerts, parseMonitor } from '../stream/protocol';
import { ReconnectingSocket } from '../stream/socket';

/** Everything a page may show, at one instant. */
export interface View {
  readonly monitor: MonitorState;
  readonly alerts: AlertsState;
  readonly monitorConnection: Connection;
  readonly alertsConnection: Connection;
  /** This machine's clock. */
  readonly nowMs: number;
  /** The server's clock, as far as known. */
  readonly serverNowMs: number;
}

/** The monitor stream speaks every second, the alert stream at least every 15 s. */
const MONITOR_QUIET_MS = 5_000;
const MONITOR_SILENCE_MS = 15_000;
const ALERTS_QUIET_MS = 25_000;
const ALERTS_SILENCE_MS = 40_000;
const ACK_TIMEOUT_MS = 10_000;

const IDLE: SocketStatus = { phase: 'connecting', lastMessageAt: null, retryAt: null };

/** Owns both streams and what they have told us. Calls `onChange` at most once per frame, and once per second. */
export class Feeds {
  private monitor = EMPTY_MONITOR;
  private alerts = EMPTY_ALERTS;
  private monitorStatus = IDLE;
  private alertsStatus = IDLE;
  private readonly monitorSocket: ReconnectingSocket;
  private readonly alertsSocket: ReconnectingSocket;
  private readonly ticker: number;
  private readonly ackTimers = new Map<string, number>();
  private frame = 0;

  constructor(
    private readonly onChange: (view: View) => void,
    onDrop: (closeCode: number) => void,
  ) {
    this.monitorSocket = new ReconnectingSocket({
      url: () => '/api/monitor/stream',
      onMessage: (text) => this.onMonitor(text),
      onStatus: (status) => {
        this.monitorStatus = status;
        this.changed();
      },
      onDrop,
      silenceMs: MONITOR_SILENCE_MS,
    });
    this.alertsSocket = new ReconnectingSocket({
      url: () => alertsUrl(this.alerts.lastId),
      onMessage: (text) => this.onAlerts(text),
      onStatus: (status) => {
        this.alertsStatus = status;
        this.changed();
      },
      onDrop: (code) => {
        this.act({ type: 'disconnected' });
        onDrop(code);
      },
      silenceMs: ALERTS_SILENCE_MS,
    });
    this.ticker = window.setInterval(() => this.changed(), 1_000);
  }

  stop(): void {
    this.monitorSocket.stop();
    this.alertsSocket.stop();
    window.clearInterval(this.ticker);
    window.cancelAnimationFrame(this.frame);
    for (const timer of this.ackTimers.values()) window.clearTimeout(timer);
  }

  retryNow(): void {
    this.monitorSocket.retryNow();
    this.alertsSocket.retryNow();
  }

  acknowledge(alert: string): void {
    if (!this.alertsSocket.send({ type: 'ack', alert })) {
      this.act({ type: 'error', message: 'Not connected: the alert was not acknowledged. Try again in a moment.' });
      return;
    }
    this.act({ type: 'ack-sent', alert });
    window.clearTimeout(this.ackTimers.get(alert));
    this.ackTimers.set(alert, window.setTimeout(() => this.ackTimedOut(alert), ACK_TIMEOUT_MS));
  }

  dismiss(): void {
    this.act({ type: 'dismiss' });
  }

  private ackTimedOut(alert: string): void {
    this.ackTimers.delete(alert);
    this.act({ type: 'ack-failed', alert, message: 'The acknowledgement was not confirmed in time. Try again.' });
  }

  private onMonitor(text: string): void {
    const message = parseMonitor(text);
    if (message === null) return;
    this.monitor = reduceMonitor(this.monitor, message, Date.now());
    this.changed();
  }

  private onAlerts(text: string): void {
    const message = parseAlerts(text);
    if (message !== null) this.act(message);
  }

  private act(action: AlertsAction): void {
    this.alerts = reduceAlerts(this.alerts, action);
    this.changed();
  }

  private changed(): void {
    if (this.frame !== 0) return;
    this.frame = window.requestAnimationFrame(() => {
      this.frame = 0;
      this.onChange(this.view());
    });
  }

  private view(): View {
    const nowMs = Date.now();
    return {
      monitor: this.monitor,
      alerts: this.alerts,
      monitorConnection: connection(this.monitorStatus, nowMs, MONITOR_QUIET_MS),
      alertsConnection: connection(this.alertsStatus, nowMs, ALERTS_QUIET_MS),
      nowMs,
      serverNowMs: nowMs + this.monitor.clockSkewMs,
    };
  }
}


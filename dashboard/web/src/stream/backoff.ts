const FIRST_MS = 500;
const CEILING_MS = 30_000;

/**
 * How long to wait before the `attempt`-th try to reconnect (0 is the first). The ceiling doubles with each attempt up
 * to 30 s and the wait is drawn from its upper half, so that the pages which a restart cut off do not all come back in
 * the same instant. `random` is in 0..1.
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(CEILING_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

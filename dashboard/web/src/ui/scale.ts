/** The steps 1, 2, 5 of every power of ten. */
const STEPS = [1, 2, 5];
const MAX_TICKS = 5;

/** Bounds for a logarithmic axis over values `min`..`max`: the next round figures outside, and at least 1..`floor`. */
export function logRange(min: number | null, max: number | null, floor: number): [number, number] {
  const low = min === null || min <= 0 ? 1 : Math.min(min, floor / 10);
  const high = max === null || max <= 0 ? floor : Math.max(max, floor);
  const exponent = Math.floor(Math.log10(low));
  const below = STEPS.map((step) => step * 10 ** exponent).filter((bound) => bound <= low).at(-1) ?? 10 ** exponent;
  const top = Math.floor(Math.log10(high));
  const above = [...STEPS, 10].map((step) => step * 10 ** top).find((bound) => bound >= high) ?? 10 ** (top + 1);
  return [below, above];
}

/** Round figures within the bounds, few enough to be read: 1-2-5 over a short span, powers of ten over a long one. */
export function logTicks(min: number, max: number): number[] {
  const first = Math.floor(Math.log10(min));
  const last = Math.ceil(Math.log10(max));
  const within = (tick: number): boolean => tick >= min * 0.999 && tick <= max * 1.001;
  const of = (steps: readonly number[], every: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index)
      .filter((exponent) => exponent % every === 0)
      .flatMap((exponent) => steps.map((step) => step * 10 ** exponent))
      .filter(within);
  const choices = [of(STEPS, 1), of([1], 1), of([1], 2)];
  return choices.find((ticks) => ticks.length <= MAX_TICKS) ?? of([1], 3);
}

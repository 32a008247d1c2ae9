/** Batches of `from` to `to` items, and how many there were. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const MAX_SINGLE = 16;

/**
 * One bucket per size while all sizes fit (1..16), with the empty ones between kept so that the shape is true; else
 * buckets that double: 1, 2, 3–4, 5–8, ….
 */
export function buckets(sizes: ReadonlyArray<readonly [size: number, count: number]>): readonly Bucket[] {
  const valid = sizes.filter(([size, count]) => Number.isSafeInteger(size) && size >= 1 && count > 0);
  const largest = valid.reduce((max, [size]) => Math.max(max, size), 0);
  return bounds(largest).map(([from, to]) => ({
    from,
    to,
    count: valid.reduce((sum, [size, count]) => (size >= from && size <= to ? sum + count : sum), 0),
  }));
}

function bounds(largest: number): ReadonlyArray<readonly [number, number]> {
  if (largest <= MAX_SINGLE) return Array.from({ length: largest }, (_, index) => [index + 1, index + 1] as const);
  const result: Array<readonly [number, number]> = [[1, 1]];
  for (let to = 2; (result.at(-1)?.[1] ?? 0) < largest; to *= 2) result.push([to / 2 + 1, to]);
  return result;
}

export function bucketLabel(bucket: Bucket): string {
  return bucket.from === bucket.to ? String(bucket.from) : `${bucket.from}–${bucket.to}`;
}

import { describe, expect, it } from 'vitest';
import { bucketLabel, buckets } from '../src/pages/overview/histogram';
import { logRange, logTicks } from '../src/ui/scale';

describe('buckets', () => {
  it('keeps every size apart, with the empty ones, while there are few', () => {
    expect(buckets([[1, 5], [4, 2]]).map((b) => [bucketLabel(b), b.count])).toEqual([['1', 5], ['2', 0], ['3', 0], ['4', 2]]);
  });

  it('doubles the width of buckets for large batches and loses none', () => {
    const result = buckets([[1, 1], [3, 1], [4, 1], [17, 1], [64, 1]]);
    expect(result.map(bucketLabel)).toEqual(['1', '2', '3–4', '5–8', '9–16', '17–32', '33–64']);
    expect(result.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(5);
  });

  it('survives sizes that make no sense', () => {
    expect(buckets([[0, 3], [-1, 2], [1.5, 2]])).toEqual([]);
    expect(buckets([[Number.MAX_SAFE_INTEGER, 1]]).length).toBeLessThan(60);
  });
});

describe('logarithmic axis', () => {
  it('ends at round figures outside the values', () => {
    expect([logRange(3, 180, 10), logRange(0.3, 4, 10), logRange(null, null, 10), logRange(30, 40, 10)]).toEqual([[1, 200], [0.2, 10], [1, 10], [1, 50]]);
  });

  it('has few ticks, all within the bounds', () => {
    expect(logTicks(1, 10)).toEqual([1, 2, 5, 10]);
    expect(logTicks(1, 500)).toEqual([1, 10, 100]);
    expect(logTicks(0.01, 100_000).length).toBeLessThanOrEqual(5);
  });
});

import { describe, expect, it } from 'vitest';
import { compact, duration, elapsed, join, number, objective, percent, share } from '../src/ui/format';

describe('number', () => {
  it.each([
    [null, '–'], [0, '0'], [0.001, '<0.01'], [0.4, '0.4'], [7.251, '7.25'], [9.999, '10.0'], [12.34, '12.3'],
    [99.96, '100'], [1234.5, '1,235'], [-3.25, '-3.25'],
  ])('shows %s as %s', (value, text) => expect(number(value)).toBe(text));
});

describe('percent', () => {
  it.each([
    [null, '–'], [0, '0%'], [1, '100%'], [0.000001, '<0.01%'], [0.999999, '>99.99%'], [0.0123, '1.23%'],
    [0.4567, '45.7%'], [0.9951, '99.51%'], [-0.25, '-25.0%'], [-1.5, '-150.00%'],
  ])('shows %s as %s', (value, text) => expect(percent(value)).toBe(text));

  it('keeps an objective exact', () => expect([objective(0.999), objective(0.99), objective(0.9995)]).toEqual(['99.9%', '99%', '99.95%']));
  it('gives shares one decimal each', () => expect([share(0.52), share(0)]).toEqual(['52.0%', '0.0%']));
});

describe('duration', () => {
  it.each([
    [null, '–'], [0, '0.00 ms'], [0.004, '<0.01 ms'], [0.42, '0.42 ms'], [12.34, '12.3 ms'], [99.97, '100 ms'],
    [999.6, '1.00 s'], [1240, '1.24 s'], [12_400, '12.4 s'], [90_000, '1.5 min'],
  ])('shows %s ms as %s', (value, text) => expect(join(duration(value))).toBe(text));
});

describe('elapsed', () => {
  it.each([
    [-5, '0 s'], [4_900, '4 s'], [60_000, '1 min'], [7_500_000, '2 h 5 min'], [7_200_000, '2 h'], [273_600_000, '3 d 4 h'],
  ])('shows %s ms as %s', (value, text) => expect(elapsed(value)).toBe(text));
});

it('shortens axis figures', () => {
  expect([0, 0.25, 2, 2.5, 950, 1200, 3_400_000].map(compact)).toEqual(['0', '0.25', '2', '2.5', '950', '1.2k', '3.4M']);
});

/** Numbers and times as text. All take plain values and return plain text; "–" stands for "not measured". */

export const NONE = '–';

export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

const INTEGER = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Three significant digits below 1,000, whole and grouped above: `0`, `0.4`, `12.3`, `1,234`. */
export function number(value: number | null): string {
  if (value === null) return NONE;
  const size = Math.abs(value);
  if (size >= 99.95 || Number.isInteger(value)) return INTEGER.format(value);
  if (size >= 9.995) return value.toFixed(1);
  if (size >= 0.0095) return trimZeros(value.toFixed(2));
  return size === 0 ? '0' : value > 0 ? '<0.01' : '>-0.01';
}

export function count(value: number | null): string {
  return value === null ? NONE : INTEGER.format(value);
}

/** Short form for axes and tight places: `950`, `1.2k`, `3.4M`. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= 999_950) return `${trimZeros((value / 1e6).toFixed(1))}M`;
  if (size >= 1_000) return `${trimZeros((value / 1e3).toFixed(1))}k`;
  return trimZeros(value.toFixed(size < 1 && size > 0 ? 2 : size < 10 ? 1 : 0));
}

export function duration(ms: number | null): Quantity {
  if (ms === null) return { value: NONE, unit: '' };
  if (ms >= 59_950) return { value: trimZeros((ms / 60_000).toFixed(1)), unit: 'min' };
  if (ms >= 999.5) return { value: (ms / 1000).toFixed(ms < 9_995 ? 2 : 1), unit: 's' };
  if (ms > 0 && ms < 0.01) return { value: '<0.01', unit: 'ms' };
  return { value: ms >= 99.95 ? ms.toFixed(0) : ms >= 9.995 ? ms.toFixed(1) : ms.toFixed(2), unit: 'ms' };
}

export function join(quantity: Quantity): string {
  return quantity.unit === '' ? quantity.value : `${quantity.value} ${quantity.unit}`;
}

/**
 * A ratio 0..1 as per cent. Never rounds to a clean 0 % or 100 % what is not: one failure in a million shows as
 * `<0.01%`.
 */
export function percent(ratio: number | null): string {
  if (ratio === null) return NONE;
  if (ratio > 0 && ratio < 0.0001) return '<0.01%';
  if (ratio < 1 && ratio > 0.9999) return '>99.99%';
  const value = ratio * 100;
  const size = Math.abs(value);
  if (size === 0 || size === 100) return `${value.toFixed(0)}%`;
  return `${value.toFixed(size < 10 || size > 99 ? 2 : 1)}%`;
}

/** A part of a whole, one decimal always, so that the points of a column line up. */
export function share(ratio: number): string {
  return `${(ratio * 100).toFixed(1)}%`;
}

/** An objective such as 0.999 without rounding: `99.9%`. */
export function objective(ratio: number | null): string {
  return ratio === null ? NONE : `${trimZeros((ratio * 100).toFixed(4))}%`;
}

/** `4 s`, `3 min`, `2 h 5 min`, `3 d 4 h`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return withRest(`${hours} h`, minutes % 60, 'min');
  return withRest(`${Math.floor(hours / 24)} d`, hours % 24, 'h');
}

/** Time of day on this machine, `14:03:07`. */
export function clock(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

function withRest(head: string, rest: number, unit: string): string {
  return rest === 0 ? head : `${head} ${rest} ${unit}`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

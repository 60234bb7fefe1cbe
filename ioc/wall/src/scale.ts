/** Ticks of axes: plain numbers in, plain numbers out. */

const STEPS = [1, 2, 2.5, 5, 10];

/** Round values that cover `low` to `high` in about `wanted` steps, ends included. */
export function niceTicks(low: number, high: number, wanted: number): number[] {
  const span = high > low ? high - low : Math.max(Math.abs(high), 1);
  const rough = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((candidate) => candidate * power >= rough) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.ceil((high > low ? high : low + span) / step);
  const ticks: number[] = [];
  for (let n = first; n <= last; n += 1) ticks.push(Number((n * step).toPrecision(12)));
  return ticks;
}

/** What a value axis has to do with a point. */
interface Measured {
  value: number;
  /** From the lowest to the highest, where the value is a mean. */
  range: [number, number] | null;
  quality: string;
}

/**
 * The lowest and the highest that a value axis covers: the good values and the levels.
 *
 * A doubtful value beyond them is drawn at the edge. It must not press all others into one line.
 */
export function extent(points: Measured[], levels: number[]): [number, number] {
  const good = points.filter((point) => point.quality === "good");
  const shown = good.length > 0 ? good : points;
  const values = [...shown.flatMap((point) => point.range ?? [point.value]), ...levels];
  return [Math.min(...values), Math.max(...values)];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TIME_STEPS = [
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
  48 * HOUR,
  168 * HOUR,
  672 * HOUR,
  1_344 * HOUR,
];

/**
 * Round local times between two instants.
 *
 * @param offset what the zone is ahead of UTC, in milliseconds
 */
export function timeTicks(from: number, to: number, wanted: number, offset: number): number[] {
  const rough = (to - from) / Math.max(1, wanted);
  const step = TIME_STEPS.find((candidate) => candidate >= rough) ?? 1_344 * HOUR;
  const ticks: number[] = [];
  for (let at = Math.ceil((from + offset) / step) * step; at <= to + offset; at += step) {
    ticks.push(at - offset);
  }
  return ticks;
}

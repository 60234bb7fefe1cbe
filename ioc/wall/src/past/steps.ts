/** Moments on the time bar: how far a key goes, how fast play is, and where hours stand. Pure. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** How many seconds of the past go by in one of ours. */
export const SPEEDS = [1, 60, 600, 3_600] as const;
export type Speed = (typeof SPEEDS)[number];

/** What the buttons beside the bar go by. */
export const STEPS = [-HOUR, -10 * MINUTE, -MINUTE, MINUTE, 10 * MINUTE, HOUR] as const;

/** From the oldest moment that is kept to now. */
export interface Span {
  oldest: number;
  newest: number;
}

export function within(span: Span, at: number): number {
  return Math.min(span.newest, Math.max(span.oldest, at));
}

/** How far a key on the bar goes, in milliseconds: a minute, with Shift ten, by pages an hour; null for other keys. */
export function stepOf(event: { key: string; shiftKey: boolean }): number | null {
  const small = event.shiftKey ? 10 * MINUTE : MINUTE;
  if (event.key === "ArrowLeft" || event.key === "ArrowDown") return -small;
  if (event.key === "ArrowRight" || event.key === "ArrowUp") return small;
  if (event.key === "PageDown") return -HOUR;
  return event.key === "PageUp" ? HOUR : null;
}

/**
 * The day of which the areas are shown: the last one before `day` on which they changed, null where those of today are.
 *
 * @param changed days, `YYYY-MM-DD`, rising, on which there were other areas than the day before
 */
export function areaDay(day: string, changed: readonly string[]): string | null {
  return changed.every((one) => one <= day) ? null : day;
}

/** How many incidents were opened in an hour. */
export interface Opened {
  at: number;
  count: number;
  /** Whether one of them was extreme. */
  extreme: boolean;
}

/** A bar of the bar: where it begins and how wide it is on a line of 0 to 1, and how high beside the highest. */
export interface Bar {
  from: number;
  width: number;
  height: number;
  extreme: boolean;
}

/** The hours as bars, as many hours in one as are needed to have at most so many. */
export function barsOf(hours: readonly Opened[], span: Span, most: number): Bar[] {
  const length = span.newest - span.oldest;
  if (length <= 0) return [];
  const hoursOfOne = Math.max(1, Math.ceil(length / HOUR / most));
  const width = hoursOfOne * HOUR;
  const sums = new Map<number, { count: number; extreme: boolean }>();
  for (const hour of hours) {
    const at = Math.floor(hour.at / width) * width;
    const sum = sums.get(at) ?? { count: 0, extreme: false };
    sums.set(at, { count: sum.count + hour.count, extreme: sum.extreme || hour.extreme });
  }
  const highest = Math.max(1, ...[...sums.values()].map(({ count }) => count));
  return [...sums]
    .filter(([at]) => at + width > span.oldest && at < span.newest)
    .map(([at, { count, extreme }]) => {
      const from = Math.max(0, (at - span.oldest) / length);
      const to = Math.min(1, (at + width - span.oldest) / length);
      return { from, width: to - from, height: count / highest, extreme };
    });
}

/** A moment as a field for date and time writes it (`2025-10-27T14:05:33`), in a zone so far ahead of UTC. */
export function fieldOf(at: number, offset: number): string {
  return new Date(at + offset).toISOString().slice(0, 19);
}

/** The moment that such a field means, or null. */
export function momentOf(field: string, offsetAt: (ms: number) => number): number | null {
  const local = Date.parse(`${field}Z`);
  if (Number.isNaN(local)) return null;
  return local - offsetAt(local - offsetAt(local));
}

/** Sums of rain together with the periods that they are of. Pure. */

import { readSeries, timeline } from "../readings";
import type { Sum } from "./rain";

/**
 * @param sums the readings of the sums
 * @param periods those of their lengths, in hours, which come in the same messages
 * @returns by the time of their record where a recording plays
 */
export function sumsOf(
  sums: unknown,
  periods: unknown,
  replayed: boolean,
): { sums: Sum[]; recorded: boolean } {
  const { axis, points } = timeline(readSeries(sums).readings, replayed);
  const hours = new Map(
    readSeries(periods).readings.map((one) => [`${one.at} ${one.recordedAt}`, one.value]),
  );
  const found = points.flatMap((point) => {
    const length = hours.get(`${point.at} ${point.recordedAt}`);
    if (length === undefined || point.quality !== "good") return [];
    return [{ until: point.t, hours: length, amount: point.value }];
  });
  return { sums: found, recorded: axis === "recorded" };
}

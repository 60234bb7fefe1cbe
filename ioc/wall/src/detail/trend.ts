/** Which way a value goes, and how fast: beside the value, before the chart. Pure but for its words. */

import { DECIMALS, measured } from "../format";
import { t } from "../i18n/language";

const HOUR_MS = 3_600_000;
/** A change over less than this says nothing about an hour, and one over more says too little about now. */
const LEAST_MS = 10 * 60_000;
const MOST_MS = 3 * HOUR_MS;

/** Sums over a time: how they change from hour to hour says nothing that they do not say themselves. */
const SUMS: ReadonlySet<string> = new Set(["rain_sum", "rain_hours"]);

export interface Point {
  t: number;
  value: number;
  quality: string;
}

/**
 * How much a value changes in an hour, from its newest good reading and the good one that is nearest to an hour before
 * it; null where none is between ten minutes and three hours older.
 */
export function ratePerHour(points: readonly Point[]): number | null {
  const good = points.filter(({ quality }) => quality === "good");
  const last = good.at(-1);
  if (!last) return null;
  const off = (point: Point) => Math.abs(last.t - point.t - HOUR_MS);
  const before = good
    .filter(({ t: at }) => last.t - at >= LEAST_MS && last.t - at <= MOST_MS)
    .reduce<Point | null>((best, point) => (best === null || off(point) < off(best) ? point : best), null);
  return before && ((last.value - before.value) * HOUR_MS) / (last.t - before.t);
}

/** An arrow and the rate with its sign; an even arrow where the rate rounds to nothing. Empty where nothing is known. */
export function trendText(points: readonly Point[], unit: string, property: string): string {
  const rate = SUMS.has(property) ? null : ratePerHour(points);
  if (rate === null) return "";
  const even = Math.abs(rate) < 0.5 * 10 ** -(DECIMALS[property] ?? 2);
  if (even) return `→ ${t("trend.even")}`;
  const sign = rate > 0 ? "+" : "−";
  return `${rate > 0 ? "↗" : "↘"} ${t("trend.rate", { rate: sign + measured(Math.abs(rate), unit, property) })}`;
}

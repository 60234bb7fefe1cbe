import { isJson, number, text, time } from "./model";

/** Missing numbers `first` to `last` of a run, between the device's own times of the numbers beside them. */
export interface Gap {
  run: string;
  first: number;
  last: number;
  count: number;
  since: number | null;
  until: number | null;
}

/** What is missing of a device, as `/api/v1/devices/{code}/gaps` gives it; the newest gaps first. */
export interface Gaps {
  missing: number;
  /** Arrival of the newest message less its own time, in milliseconds; null where nothing is numbered. */
  lagMs: number | null;
  gaps: Gap[];
}

export function readGaps(value: unknown): Gaps | null {
  if (!isJson(value)) return null;
  const list = (entries: unknown) => (Array.isArray(entries) ? entries.filter(isJson) : []);
  const gaps: Gap[] = [];
  for (const run of list(value.runs)) {
    for (const gap of list(run.gaps)) {
      const first = number(gap.from);
      const last = number(gap.to);
      if (first === null || last === null) continue;
      const count = number(gap.count) ?? last - first + 1;
      gaps.push({ run: text(run.run), first, last, count, since: time(gap.since), until: time(gap.until) });
    }
  }
  const lag = number(value.lag_s);
  return { missing: number(value.missing) ?? 0, lagMs: lag === null ? null : lag * 1000, gaps };
}

/** How many devices have gaps, as `/api/v1/gaps` gives it. */
export function readGapCount(value: unknown): number {
  return isJson(value) ? (number(value.devices) ?? 0) : 0;
}

/** What the way of a message may take; a newest message that is later has a slow way or a slow clock behind it. */
const WAY_MS = 60_000;
/** Nothing arrives before it was measured: a clock further ahead than this is wrong. */
export const AHEAD_MS = 2_000;

/** Whether a device's clock is ahead, its messages late, or neither. */
export function clockTrouble(lagMs: number | null): "ahead" | "late" | null {
  if (lagMs === null) return null;
  if (lagMs < -AHEAD_MS) return "ahead";
  return lagMs > WAY_MS ? "late" : null;
}

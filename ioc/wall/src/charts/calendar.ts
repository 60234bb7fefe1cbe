/** How much of the expected data came in each hour of some days. Pure. */

import { isJson, number, time } from "../model";

const HOUR = 3_600_000;

export interface Slot {
  at: number;
  /** 0 to 1; null: still to come, or before anything was kept. */
  share: number | null;
  /** Values that came, and those of them that were not good. */
  count: number;
  doubtful: number;
}

export interface Day {
  /** When it begins, local midnight. */
  at: number;
  slots: Slot[];
}

interface Kept {
  share: number;
  count: number;
  doubtful: number;
}

function keptOf(body: unknown): Map<number, Kept> {
  const rollups = isJson(body) && Array.isArray(body.rollups) ? body.rollups.filter(isJson) : [];
  const found = new Map<number, Kept>();
  for (const one of rollups) {
    const at = time(one.at);
    if (at === null) continue;
    const [count, doubtful] = [number(one.count) ?? 0, number(one.doubtful) ?? 0];
    found.set(at, { share: number(one.coverage) ?? 0, count: count + doubtful, doubtful });
  }
  return found;
}

/**
 * Days of 24 hours, the oldest first.
 *
 * Hours before the first that is kept say nothing: the device may not have been there. The hour that goes on is left
 * out too, since what it lacks may still come.
 *
 * @param offset what the zone is ahead of UTC
 */
export function daysOf(body: unknown, days: number, now: number, offset: number): Day[] {
  const kept = keptOf(body);
  const first = Math.min(...kept.keys());
  const midnight = Math.floor((now + offset) / (24 * HOUR)) * 24 * HOUR - offset;
  const hour = Math.floor(now / HOUR) * HOUR;
  const slot = (at: number): Slot => {
    const one = kept.get(at);
    const known = at >= first && at < hour;
    return {
      at,
      share: known ? (one?.share ?? 0) : null,
      count: one?.count ?? 0,
      doubtful: one?.doubtful ?? 0,
    };
  };
  return Array.from({ length: days }, (_, place) => {
    const at = midnight - (days - 1 - place) * 24 * HOUR;
    return { at, slots: Array.from({ length: 24 }, (_, number) => slot(at + number * HOUR)) };
  });
}

/** The share of all hours that are known, null where none is. */
export function shareOf(days: readonly Day[]): number | null {
  const shares = days.flatMap((day) => day.slots.flatMap((slot) => slot.share ?? []));
  return shares.length === 0 ? null : shares.reduce((all, one) => all + one, 0) / shares.length;
}

/** How a slot is shown: full and nearly full stay grey, what lacks more stands out. */
export type Grade = "unknown" | "full" | "most" | "some" | "none";

export function gradeOf(share: number | null): Grade {
  if (share === null) return "unknown";
  if (share >= 0.95) return "full";
  if (share >= 0.75) return "most";
  return share > 0 ? "some" : "none";
}

/** Where an arrow key leads from a slot; the same where there is no further. */
export function moved(key: string, day: number, hour: number, days: number): [number, number] | null {
  const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
  if (key === "ArrowLeft") return [day, within(hour - 1, 23)];
  if (key === "ArrowRight") return [day, within(hour + 1, 23)];
  if (key === "ArrowUp") return [within(day - 1, days - 1), hour];
  if (key === "ArrowDown") return [within(day + 1, days - 1), hour];
  if (key === "Home") return [day, 0];
  return key === "End" ? [day, 23] : null;
}

import type { Place } from "./model";

/** Older than this, the newest reading of all stations is worth a look. */
export const OLD_MS = 2 * 60_000;
/** A station whose clock is further ahead than this says nothing about how new its reading is. */
const AHEAD_MS = 60_000;

/** When the newest reading of all stations was made, in milliseconds since the epoch; null where there is none. */
export function newestReading(stations: Iterable<Place>, now: number): number | null {
  let newest: number | null = null;
  for (const { latest } of stations) {
    // Of twenty thousand stations each second: no list is made of what each one has.
    for (const property in latest) {
      const at = latest[property]?.at ?? null;
      if (at !== null && at <= now + AHEAD_MS && (newest === null || at > newest)) newest = at;
    }
  }
  return newest;
}

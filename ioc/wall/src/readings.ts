import { isJson, number, type Severity, severity, text, time } from "./model";

export interface Reading {
  /** When it was published, and when it was recorded; milliseconds since the epoch. */
  at: number;
  recordedAt: number | null;
  value: number;
  quality: string;
  derived: boolean;
  /** From the lowest to the highest value of an hour or a day, whose mean `value` is; null of a single reading. */
  range: [number, number] | null;
}

export interface Series {
  name: string;
  property: string;
  unit: string;
  levels: { severity: Severity; value: number }[];
  /** Oldest first. */
  readings: Reading[];
}

function readReading(entry: unknown): Reading | null {
  if (!isJson(entry)) return null;
  const [at, value] = [time(entry.at), number(entry.value)];
  if (at === null || value === null) return null;
  return {
    at,
    value,
    recordedAt: time(entry.recorded_at),
    quality: text(entry.quality, "good"),
    derived: entry.derived === true,
    range: null,
  };
}

/** An hour or a day; null when it has no good value. */
function readRollup(entry: unknown): Reading | null {
  if (!isJson(entry)) return null;
  const [at, value, low, high] = [time(entry.at), number(entry.mean), number(entry.low), number(entry.high)];
  if (at === null || value === null || low === null || high === null) return null;
  return { at, value, recordedAt: null, quality: "good", derived: false, range: [low, high] };
}

export function readLevels(value: unknown): Series["levels"] {
  if (!isJson(value)) return [];
  return Object.entries(value)
    .flatMap(([name, level]) => {
      const limit = number(level);
      return limit === null ? [] : [{ severity: severity(name), value: limit }];
    })
    .sort((a, b) => a.value - b.value);
}

export function readSeries(body: unknown): Series {
  const series = isJson(body) ? body : {};
  const entries = Array.isArray(series.readings) ? series.readings : [];
  const rollups = Array.isArray(series.rollups) ? series.rollups : [];
  return {
    name: text(series.name, text(series.device)),
    property: text(series.property),
    unit: text(series.unit),
    levels: readLevels(series.levels),
    readings: [...entries.map(readReading), ...rollups.map(readRollup)].filter((reading) => reading !== null),
  };
}

export interface Timeline {
  axis: "at" | "recorded";
  points: (Reading & { t: number })[];
}

/**
 * Puts readings on a time axis.
 *
 * A replay runs many times faster than its river did, so its readings go by the time of their
 * record; a flood that has begun again starts the line anew.
 */
export function timeline(readings: Reading[], replayed: boolean): Timeline {
  const recorded = replayed && readings.length > 0 && readings.every((r) => r.recordedAt !== null);
  const points = readings.map((r) => ({ ...r, t: recorded ? (r.recordedAt ?? r.at) : r.at }));
  let from = 0;
  points.forEach((point, index) => {
    if (index > 0 && point.t < (points[index - 1]?.t ?? point.t)) from = index;
  });
  return { axis: recorded ? "recorded" : "at", points: points.slice(from) };
}

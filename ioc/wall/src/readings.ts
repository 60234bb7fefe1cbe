import { isJson, type Json, number, type Severity, severity, text, time } from "./model";

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
  /** How far two of its values lie apart at most while it is not silent: readings of a device, or hours or days. */
  intervalMs: number | null;
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

const HOUR_MS = 3_600_000;

/** A little more than the step, since a local day may have 25 hours. */
const STEPS: Record<string, number> = { hour: 1.05 * HOUR_MS, day: 25.05 * HOUR_MS };

/** After two expected intervals without data the server, too, calls a source stale. */
const SILENT_AFTER = 2;

function intervalOf(series: Json): number | null {
  const step = STEPS[text(series.by)];
  const interval = number(series.interval_s);
  const silent = interval === null || interval <= 0 ? null : SILENT_AFTER * interval * 1_000;
  return step === undefined ? silent : Math.max(step, silent ?? 0);
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
    intervalMs: intervalOf(series),
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

type Point = Timeline["points"][number];

/** A recording keeps no rhythm of its device: what was printed of a flood came when it was printed. */
const RECORDED_SILENCE = 2.5;

function silentAfter(points: readonly Point[], axis: Timeline["axis"], intervalMs: number | null): number {
  if (axis === "at") return intervalMs ?? Number.POSITIVE_INFINITY;
  const steps = points.slice(1).map((point, place) => point.t - (points[place]?.t ?? point.t));
  steps.sort((a, b) => a - b);
  return RECORDED_SILENCE * (steps[Math.floor(steps.length / 2)] ?? Number.POSITIVE_INFINITY);
}

/** The good points in pieces that may be joined: over a silence between two nobody knows what was. */
export function pieces(
  points: readonly Point[],
  axis: Timeline["axis"],
  intervalMs: number | null,
): Point[][] {
  const good = points.filter((point) => point.quality === "good");
  const most = silentAfter(good, axis, intervalMs);
  const found: Point[][] = [];
  for (const point of good) {
    const piece = found.at(-1);
    const last = piece?.at(-1);
    if (piece && last && point.t - last.t <= most) piece.push(point);
    else found.push([point]);
  }
  return found;
}

export interface Silence {
  from: number;
  to: number;
}

/** The spans from one moment to another in which there is no good value, longer than a device may be quiet. */
export function silences(
  parts: readonly Point[][],
  from: number,
  to: number,
  axis: Timeline["axis"],
  intervalMs: number | null,
): Silence[] {
  const most = silentAfter(parts.flat(), axis, intervalMs);
  // An hour or a day stands at its beginning and has values up to its end.
  const held = (point: Point | undefined) => (point?.range ? (intervalMs ?? 0) : 0);
  const ends = [from, ...parts.map((part) => (part.at(-1)?.t ?? from) + held(part.at(-1)))];
  const begins = [...parts.map((part) => part[0]?.t ?? to), to];
  return begins
    .map((begin, place) => ({ from: Math.max(from, ends[place] ?? from), to: Math.min(to, begin) }))
    .filter((silence) => silence.to - silence.from > (parts.flat().at(-1)?.range ? 0 : most));
}

import { describe, expect, it } from "vitest";
import { pieces, readSeries, silences, timeline } from "./readings";

const BODY = {
  device: "gauge-ai-nghia",
  name: "Ái Nghĩa",
  property: "water_level",
  unit: "m",
  levels: { extreme: 9, moderate: 6.5, severe: 8, oddity: "x" },
  readings: [
    { at: "2026-11-22T03:00:00Z", recorded_at: "2025-10-27T00:00:00Z", value: 8.1, quality: "good" },
    { at: "2026-11-22T03:01:00Z", recorded_at: "2025-10-27T01:00:00Z", value: 8.4, derived: true },
    { at: "not a time", value: 3 },
    { at: "2026-11-22T03:02:00Z", value: null },
  ],
};

describe("a series", () => {
  it("has its levels from low to high and only readings with a time and a value", () => {
    const series = readSeries(BODY);
    expect(series.levels.map(({ value }) => value)).toEqual([6.5, 8, 9]);
    expect(series.readings.map(({ value, derived }) => [value, derived])).toEqual([
      [8.1, false],
      [8.4, true],
    ]);
  });

  it("of a long time is made of the means of its hours, with their range", () => {
    const rollups = [
      { at: "2026-11-22T03:00:00Z", count: 3, mean: 4, low: 1, high: 9, coverage: 1, doubtful: 0 },
      { at: "2026-11-22T04:00:00Z", count: 0, mean: null, low: null, high: null, coverage: 0, doubtful: 2 },
    ];
    const { readings } = readSeries({ ...BODY, readings: [], rollups });
    expect(readings.map(({ value, range }) => [value, range])).toEqual([[4, [1, 9]]]);
    expect(timeline(readings, true).axis).toBe("at");
  });

  it("made of nothing is empty", () => {
    expect(readSeries(null).readings).toEqual([]);
  });
});

describe("the time axis", () => {
  const { readings } = readSeries(BODY);

  it("goes by the time of the record in a replay, and by publication otherwise", () => {
    expect(timeline(readings, true).axis).toBe("recorded");
    expect(timeline(readings, true).points[1]?.t).toBe(Date.parse("2025-10-27T01:00:00Z"));
    expect(timeline(readings, false).axis).toBe("at");
  });

  it("starts anew where a replayed flood begins again", () => {
    const again = [...readings, ...readings.map((r) => ({ ...r, at: r.at + 600_000 }))];
    expect(timeline(again, true).points).toHaveLength(2);
    expect(timeline(again, false).points).toHaveLength(4);
  });

  it("stays with publication when one reading lacks its record", () => {
    const mixed = readings.map((r, i) => (i === 0 ? { ...r, recordedAt: null } : r));
    expect(timeline(mixed, true).axis).toBe("at");
  });
});

describe("a line of readings", () => {
  const MINUTE = 60_000;
  const series = (minutes: number[], more = {}) =>
    readSeries({
      by: "reading",
      interval_s: 600,
      readings: minutes.map((one) => ({ at: new Date(one * MINUTE).toISOString(), value: one, ...more })),
    });

  it("ends where its device is silent for more than two expected intervals", () => {
    const { readings, intervalMs } = series([0, 10, 30, 51, 61]);
    const { axis, points } = timeline(readings, false);
    const parts = pieces(points, axis, intervalMs);
    expect(parts.map((part) => part.map((point) => point.value))).toEqual([
      [0, 10, 30],
      [51, 61],
    ]);
    expect(silences(parts, -60 * MINUTE, 70 * MINUTE, axis, intervalMs)).toEqual([
      { from: -60 * MINUTE, to: 0 },
      { from: 30 * MINUTE, to: 51 * MINUTE },
    ]);
    expect(silences(parts, 0, 90 * MINUTE, axis, intervalMs).at(-1)).toEqual({
      from: 61 * MINUTE,
      to: 90 * MINUTE,
    });
  });

  it("is not joined by a doubtful value", () => {
    const good = series([0, 40]).readings;
    const { readings, intervalMs } = series([20], { quality: "implausible" });
    const { axis, points } = timeline(
      [good[0], ...readings, good[1]].filter((one) => one !== undefined),
      false,
    );
    expect(pieces(points, axis, intervalMs)).toHaveLength(2);
  });

  it("of hours ends where an hour has no good value", () => {
    const at = (hour: number) => ({
      at: new Date(hour * 60 * MINUTE).toISOString(),
      mean: 1,
      low: 0,
      high: 2,
    });
    const { readings, intervalMs } = readSeries({ by: "hour", interval_s: 600, rollups: [0, 1, 3].map(at) });
    const { axis, points } = timeline(readings, false);
    expect(pieces(points, axis, intervalMs).map((part) => part.length)).toEqual([2, 1]);
  });

  it("of a recording goes by the rhythm of the record", () => {
    const recorded = [0, 6, 12, 18, 48].map((hour) => ({
      at: new Date(hour * MINUTE).toISOString(),
      recorded_at: new Date(hour * 60 * MINUTE).toISOString(),
      value: 1,
    }));
    const { readings, intervalMs } = readSeries({ by: "reading", interval_s: 3_600, readings: recorded });
    const { axis, points } = timeline(readings, true);
    expect(pieces(points, axis, intervalMs).map((part) => part.length)).toEqual([4, 1]);
  });
});

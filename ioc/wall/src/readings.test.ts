import { describe, expect, it } from "vitest";
import { readSeries, timeline } from "./readings";

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

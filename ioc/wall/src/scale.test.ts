import { describe, expect, it } from "vitest";
import { extent, niceTicks, timeTicks } from "./scale";

describe("ticks of a value axis", () => {
  it("cover the values with round numbers", () => {
    expect(niceTicks(6.5, 10.6, 5)).toEqual([6, 7, 8, 9, 10, 11]);
    expect(niceTicks(-0.4, 2.2, 5)).toEqual([-1, 0, 1, 2, 3]);
  });

  it("give a flat line room", () => {
    const ticks = niceTicks(5, 5, 5);
    expect(ticks[0]).toBeLessThanOrEqual(5);
    expect(ticks.at(-1)).toBeGreaterThan(5);
  });
});

describe("ticks of a time axis", () => {
  const offset = 7 * 3_600_000;

  it("fall on midnight of Viet Nam when days are shown", () => {
    const ticks = timeTicks(
      Date.parse("2025-10-26T05:00:00Z"),
      Date.parse("2025-10-30T05:00:00Z"),
      4,
      offset,
    );
    expect(ticks.map((tick) => new Date(tick).toISOString())).toEqual([
      "2025-10-26T17:00:00.000Z",
      "2025-10-27T17:00:00.000Z",
      "2025-10-28T17:00:00.000Z",
      "2025-10-29T17:00:00.000Z",
    ]);
  });

  it("lie within what is shown", () => {
    const [from, to] = [1_000_000, 9_000_000];
    for (const tick of timeTicks(from, to, 6, offset)) {
      expect(tick).toBeGreaterThanOrEqual(from);
      expect(tick).toBeLessThanOrEqual(to);
    }
  });
});

describe("what a value axis covers", () => {
  const point = (value: number, quality = "good", range: [number, number] | null = null) => ({
    value,
    quality,
    range,
  });

  it("is the good values, their ranges and the levels", () => {
    expect(extent([point(2), point(5, "good", [1, 9])], [])).toEqual([1, 9]);
    expect(extent([point(2), point(5)], [16.5])).toEqual([2, 16.5]);
  });

  it("is not what a doubtful value says, unless there is nothing else", () => {
    expect(extent([point(2), point(999, "implausible"), point(3)], [16.5])).toEqual([2, 16.5]);
    expect(extent([point(999, "fault")], [])).toEqual([999, 999]);
  });
});

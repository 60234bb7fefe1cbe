import { describe, expect, it } from "vitest";
import { clockTrouble, readGapCount, readGaps } from "./gaps";

const BODY = {
  device: "gauge-ai-nghia",
  missing: 3,
  lag_s: 1.5,
  runs: [
    {
      run: "b8",
      gaps: [
        { from: 7, to: 8, count: 2, since: "2026-11-22T03:00:00Z", until: "2026-11-22T03:03:00Z" },
        { from: 0, to: 0, count: 1, since: null, until: "2026-11-22T02:00:00Z" },
        { from: null, to: 3 },
      ],
    },
    { run: "b7", gaps: [] },
    "odd",
  ],
};

describe("the gaps of a device", () => {
  it("are read with their run and the times beside them", () => {
    const found = readGaps(BODY);
    expect(found?.missing).toBe(3);
    expect(found?.lagMs).toBe(1500);
    expect(found?.gaps).toHaveLength(2);
    expect(found?.gaps[0]).toEqual({
      run: "b8",
      first: 7,
      last: 8,
      count: 2,
      since: Date.parse("2026-11-22T03:00:00Z"),
      until: Date.parse("2026-11-22T03:03:00Z"),
    });
    expect(found?.gaps[1]?.since).toBeNull();
  });

  it("are none where the answer is odd", () => {
    expect(readGaps(null)).toBeNull();
    expect(readGaps({})).toEqual({ missing: 0, lagMs: null, gaps: [] });
  });
});

describe("the number of devices with gaps", () => {
  it("is read, and nought where the answer is odd", () => {
    expect(readGapCount({ devices: 4, items: [] })).toBe(4);
    expect(readGapCount([])).toBe(0);
  });
});

describe("a device's clock", () => {
  it("is ahead, late, or well", () => {
    expect([null, 0, 900, 60_000].map(clockTrouble)).toEqual([null, null, null, null]);
    expect(clockTrouble(-2_500)).toBe("ahead");
    expect(clockTrouble(61_000)).toBe("late");
  });
});

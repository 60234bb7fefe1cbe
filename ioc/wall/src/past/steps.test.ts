import { describe, expect, it } from "vitest";
import { areaDay, barsOf, fieldOf, HOUR, MINUTE, momentOf, STEPS, stepOf, within } from "./steps";

const START = Date.UTC(2025, 9, 27, 3);
const SPAN = { oldest: START, newest: START + 10 * HOUR };

describe("moments on the bar", () => {
  it("stay between the oldest that is kept and now", () => {
    expect(within(SPAN, START - 1)).toBe(START);
    expect(within(SPAN, START + HOUR)).toBe(START + HOUR);
    expect(within(SPAN, START + 11 * HOUR)).toBe(SPAN.newest);
  });

  it("are a minute, ten or an hour apart by keys", () => {
    const key = (key: string, shiftKey = false) => stepOf({ key, shiftKey });
    expect(key("ArrowLeft")).toBe(-MINUTE);
    expect(key("ArrowRight", true)).toBe(10 * MINUTE);
    expect(key("PageUp")).toBe(HOUR);
    expect(key("PageDown")).toBe(-HOUR);
    expect(key("x")).toBeNull();
    expect([...STEPS].reduce((sum, step) => sum + step, 0)).toBe(0);
  });

  it("are written and read in the centre's zone, also where the clock changes", () => {
    const offset = 7 * HOUR;
    expect(fieldOf(START, offset)).toBe("2025-10-27T10:00:00");
    expect(momentOf("2025-10-27T10:00:00", () => offset)).toBe(START);
    expect(momentOf("2025-10-27T10:00", () => offset)).toBe(START);
    expect(momentOf("", () => offset)).toBeNull();
    const changes = Date.UTC(2025, 9, 26, 1);
    const berlin = (ms: number) => (ms < changes ? 2 : 1) * HOUR;
    expect(momentOf("2025-10-26T01:30:00", berlin)).toBe(Date.UTC(2025, 9, 25, 23, 30));
    expect(momentOf("2025-10-26T04:00:00", berlin)).toBe(Date.UTC(2025, 9, 26, 3));
  });
});

describe("the areas", () => {
  it("are those of the day where they differ from today's, and are not fetched anew where they do not", () => {
    expect(areaDay("2025-06-30", ["2025-07-01"])).toBe("2025-06-30");
    expect(areaDay("2025-07-01", ["2025-07-01"])).toBeNull();
    expect(areaDay("2025-07-02", [])).toBeNull();
  });
});

describe("the bars", () => {
  const hour = (number: number, count: number, extreme = false) => ({
    at: START + number * HOUR,
    count,
    extreme,
  });

  it("stand where their hours are, the highest is whole", () => {
    expect(barsOf([hour(0, 2), hour(5, 4, true)], SPAN, 100)).toEqual([
      { from: 0, width: 0.1, height: 0.5, extreme: false },
      { from: 0.5, width: expect.closeTo(0.1), height: 1, extreme: true },
    ]);
  });

  it("gather hours where there is no room for each", () => {
    const all = Array.from({ length: 10 }, (_, number) => hour(number, 1, number === 9));
    const bars = barsOf(all, SPAN, 5);
    expect(bars.length).toBeLessThanOrEqual(6);
    expect(bars.at(-1)?.extreme).toBe(true);
    expect(bars.reduce((sum, bar) => sum + bar.width, 0)).toBeCloseTo(1);
  });

  it("are none of what lies outside, or where nothing is kept", () => {
    expect(barsOf([hour(-3, 1), hour(12, 1)], SPAN, 100)).toEqual([]);
    expect(barsOf([hour(0, 1)], { oldest: START, newest: START }, 100)).toEqual([]);
  });
});
